// A guardian in a process of its own, which measures its memory: `node measured.mjs LIBRARY OPTIONS`.
// Lines on stdin: `refresh`. Lines on stdout: one JSON object an event, with this process's memory in KiB.
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [library, options] = process.argv.slice(2);
const { createGuardian } = await import(library);
const { profile, keyFile, knownHosts } = JSON.parse(options);

const memory = (key) => Number(readFileSync('/proc/self/status', 'utf8').match(`${key}:\\s+([0-9]+)`)?.[1]);
/** From now on VmHWM is the highest since now. */
const forgetPeak = () => writeFileSync('/proc/self/clear_refs', '5');

const guardian = createGuardian({
  journal: false,
  profiles: [profile],
  credentials: { of: () => ({ identities: [keyFile] }) },
  hostKeys: { mode: 'strict', files: [knownHosts] },
  autoUpdateListSessionsCache: true,
  stateWatch: false,
  refreshInterval: 600_000,
});
let asked = 0;
guardian.on('*', (record) => {
  const tookMs = Math.round(performance.now() - asked);
  console.log(JSON.stringify({ ...record, tookMs, rss: memory('VmRSS'), peak: memory('VmHWM') }));
});
createInterface({ input: process.stdin })
  .on('line', () => {
    globalThis.gc?.();
    forgetPeak();
    asked = performance.now();
    console.log(JSON.stringify({ event: 'asked', rss: memory('VmRSS'), peak: memory('VmHWM') }));
    guardian.refresh(profile.id);
  })
  .on('close', () => guardian.stop());
await guardian.start();
