/** npm run soak -- [--minutes N] [--seed S] [--sessions K] [--step NAME] [--trace FILE] [--json] */
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { printed } from './report.js';
import { soak } from './soak.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    sessions: { type: 'string', default: '3' },
    /** Only steps whose names have this in them. */
    step: { type: 'string', default: '' },
    /** Where all that is told goes, a line each. */
    trace: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const { trace } = values;
const began = performance.now();
const tell = (text: string) => process.stderr.write(`${text}\n`);
const note = (text: string) => {
  if (trace !== undefined)
    appendFileSync(trace, `${((performance.now() - began) / 1_000).toFixed(1)} ${text}\n`);
};
const enough = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => enough.abort());
const result = await soak({
  minutes: Number(values.minutes),
  seed: Number(values.seed),
  sessions: Number(values.sessions),
  only: values.step,
  enough: enough.signal,
  tell: (text) => {
    tell(text);
    note(text);
  },
  note,
});
console.log(values.json ? JSON.stringify(result) : printed(result));
process.exit(result.violations.length + result.left.length > 0 ? 1 : 0);
