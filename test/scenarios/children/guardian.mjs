// One guardian in a process of its own, told what to do over IPC. Runs the built package, as users do.
import { createGuardian } from '../../../dist/src/index.js';

let guardian;
let most = 0;
const measure = () => {
  most = Math.max(most, process.memoryUsage().rss);
};
let measuring;

process.on('message', async ({ verb, options, privateKey, profile, order }) => {
  switch (verb) {
    case 'startSession':
      await guardian.startSession(profile, order).then(
        ({ id }) => process.send({ session: id }),
        ({ code, message }) => process.send({ refused: `${code}: ${message}` }),
      );
      break;
    case 'start':
      guardian = createGuardian({
        journal: false,
        ...options,
        credentials: { of: () => ({ identities: [{ privateKey }] }) },
      });
      guardian.on('*', (record) => process.send({ record, at: performance.now() }));
      await guardian.start();
      break;
    case 'measure':
      clearInterval(measuring);
      globalThis.gc?.();
      most = 0;
      measure();
      process.send({ measured: most });
      measuring = setInterval(measure, 5);
      break;
    case 'measured':
      clearInterval(measuring);
      process.send({ measured: most });
      break;
    case 'held': {
      globalThis.gc?.();
      const { heapUsed, external } = process.memoryUsage();
      process.send({ measured: heapUsed + external });
      break;
    }
    case 'stop':
      clearInterval(measuring);
      await guardian.stop();
      process.send({ open: guardian.open });
      process.disconnect();
      break;
  }
});
