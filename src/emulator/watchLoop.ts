import type { SessionStore } from './sessionStore.js';

/** The loop of protocol/stateWatch.ts: one line in, the lines it prints out. */
export function createWatchLoop(store: SessionStore): (line: string) => string {
  let last = 'none';
  return (line) => {
    const [tick = '', ...pids] = line.trim().split(/[ \t]+/);
    const states = store.all
      .map(({ session, state }) => ({ session, word: state?.split('\n')[0]?.trim() ?? '' }))
      .filter(({ word }) => word !== '' && word !== 'TERMINATED')
      .sort((a, b) => (a.session < b.session ? -1 : 1))
      .map(({ session, word }) => `\ns ${session} ${word}`);
    const gone = pids
      .filter((pid) => /^[0-9]+$/.test(pid) && !store.agentAlive(Number(pid)))
      .map((pid) => `\ng ${pid}`);
    const now = [...states, ...gone].join('');
    const frame = now === last ? '' : `c${now}\n`;
    last = now;
    return `${frame}t ${tick}\n`;
  };
}
