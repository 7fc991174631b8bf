import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emulatedViewer } from '../emulator/index.js';
import { createGuardian } from '../guardian.js';
import type { Context, Outcome } from './command.js';
import { ownSession } from './demoOurs.js';
import { demoActs, play, setStage } from './demoScript.js';
import { type DemoWorld, openDemoWorld } from './demoWorld.js';
import type { DemoOptions } from './options.js';
import { pageOf, withPageIfPossible } from './page.js';
import { recorded } from './recordRun.js';
import { openView } from './view.js';
import { everything, guard } from './watch.js';

/** The guardian at work on two servers of its own, until Ctrl-C or for `--duration`. */
export async function demo(options: DemoOptions, context: Context): Promise<Outcome> {
  const { ending, io } = context;
  const folder = mkdtempSync(join(io.env.XDG_RUNTIME_DIR || tmpdir(), 'x2go-guardian-demo-'));
  const played = new AbortController();
  let world: DemoWorld | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    world = await openDemoWorld((lines) => {
      const file = join(folder, 'known_hosts');
      writeFileSync(file, lines, { mode: 0o600 });
      return file;
    });
    const stage = setStage(world);
    const view = await openView(options, context);
    const guardian = createGuardian({
      ...everything,
      ...world.options,
      ...(options.interval === undefined ? {} : { refreshInterval: options.interval }),
      viewer: emulatedViewer(),
      journal: false,
      logLevel: options.logLevel ?? 'silent',
    });
    const profiles = world.options.profiles ?? [];
    if (options.duration !== undefined) {
      timer = setTimeout(() => ending.ask(`it was to last ${options.duration} ms`), options.duration);
    }
    const acts = demoActs(world, stage, ownSession(guardian, 'lab'));
    const run = () => {
      view.open(guardian, profiles);
      play(acts, played.signal).catch((cause) => ending.crash(cause));
      return guard(guardian, view, context);
    };
    const inspected = { ...options, inspect: options.inspect ?? true };
    return await withPageIfPossible(pageOf(guardian, options), inspected, 'demo', context, () =>
      recorded(options.record, guardian, context.printer, run),
    );
  } finally {
    clearTimeout(timer);
    played.abort();
    await world?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
