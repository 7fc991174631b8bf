import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NxOptions, nxOptionsLine } from '../protocol/nxOptions.js';
import type { World } from '../world.js';
import { localFailure } from './localFailure.js';
import { linkPictureCache } from './pictureCache.js';
import { makePrivateFolder, privatePath, removeFolder } from './privateFolder.js';
import type { Environment } from './programs.js';

/** nxproxy's own folder for one run: its options with the cookie, what it writes, and a way to the cache. */
export class ProxyFolder {
  readonly path: string;
  readonly #strike: () => void;

  /** Noted before it is made. Throws file.unwritable. */
  constructor(journal: World['journal'], env: Environment) {
    this.path = privatePath(env);
    this.#strike = journal.note({ kind: 'directory', path: this.path });
  }

  get optionsFile(): string {
    return join(this.path, 'options');
  }

  /** Makes it, with an options file that only we may read. Throws file.unwritable, local.exhausted. */
  fill(options: Pick<NxOptions, 'display' | 'cookie' | 'port' | 'clipboard'>, env: Environment): void {
    const line = nxOptionsLine({
      ...options,
      root: this.path,
      errors: join(this.path, 'errors'),
      stats: join(this.path, 'stats'),
    });
    makePrivateFolder(this.path);
    linkPictureCache(this.path, env);
    try {
      writeFileSync(this.optionsFile, line, { mode: 0o600, flag: 'wx' });
    } catch (cause) {
      throw localFailure(cause, `nxproxy's options cannot be written to ${this.optionsFile}`);
    }
  }

  /** The cookie has been read: from now on it is on no disk. */
  forgetCookie(): void {
    rmSync(this.optionsFile, { force: true });
  }

  remove(): void {
    removeFolder(this.path);
    this.#strike();
  }
}
