/** A server in process, and how a guardian gets in there. Yours has its key in ~/.ssh/known_hosts and needs none of this. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuardianOptions } from 'x2go-guardian';
import { type EmulatorOptions, startEmulator } from 'x2go-guardian/emulator';

export async function openOffice(settings: EmulatorOptions = {}) {
  const emulator = await startEmulator({ hostName: 'office', ...settings });
  const { host, port, user, clientKey, knownHostsLine } = emulator;
  const folder = mkdtempSync(join(tmpdir(), 'office-'));
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, `${knownHostsLine}\n`);
  const options: GuardianOptions = {
    profiles: [{ id: 'office', host, port, user }],
    credentials: { of: () => ({ privateKey: clientKey }) },
    hostKeys: { mode: 'strict', files: [knownHosts] },
    journal: false,
  };
  const close = async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true });
  };
  return { emulator, options, close };
}
