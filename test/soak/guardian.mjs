// The guardian that is soaked, in a process of its own; it is told what to do over IPC. Runs the built package.
import { createGuardian } from '../../dist/src/index.js';

const quiet = { sound: false };
const xterm = { kind: 'application', command: 'xterm', ...quiet };
let guardian;

const verbs = {
  start: async ({ options, privateKey }) => {
    guardian = createGuardian({
      ...options,
      credentials: { of: () => ({ identities: [{ privateKey }] }) },
    });
    guardian.on('*', (record) => process.send({ record }));
    await guardian.start();
  },
  // By name: a listing that failed leaves no list to go by.
  look: ({ profile, names }) => ({
    profiles: guardian.profiles().map(({ state }) => state),
    sessions: names.map((session) => {
      const { state, ours } = guardian.session(profile, session).inspect();
      return { session, state, ours };
    }),
  }),
  begin: ({ profile }) => guardian.startSession(profile, xterm, { timeout: 110_000 }).then(({ id }) => id),
  resume: ({ profile, session }) => guardian.resumeSession(profile, session, quiet).then(() => session),
  suspend: ({ profile, session }) => guardian.suspendSession(profile, session),
  terminate: ({ profile, session }) => guardian.terminateSession(profile, session),
  held: () => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  stop: async () => {
    const report = await guardian.stop('the end of the soak');
    return { report, open: guardian.open };
  },
};

process.on('message', async ({ id, verb, ...rest }) => {
  try {
    process.send({ id, answer: (await verbs[verb](rest)) ?? null });
  } catch (cause) {
    process.send({ id, refused: cause.code ?? String(cause.stack) });
  }
  if (verb === 'stop') process.disconnect();
});
