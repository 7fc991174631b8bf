import { monotonicClock } from '../clock.js';
import { type Prerequisites, proxyPrerequisites } from '../proxy/prerequisites.js';
import { type Finding, note, ok } from './finding.js';
import { nxproxyFinding, screenFinding } from './screenJudgements.js';

/** What a session on the screen here needs of this machine. Without it watching works, so nothing of it is an error. */
export async function screenChecks(
  look: () => Promise<Prerequisites> = () => proxyPrerequisites(monotonicClock),
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<readonly Finding[]> {
  const { nxproxy, screen, xauth, setpriv } = await look();
  return [
    nxproxyFinding(nxproxy),
    screenFinding(screen, env),
    xauth === undefined
      ? note('xauth', 'xauth is not there: a display with a cookie does not let nxproxy in', 'Install xauth')
      : ok('xauth', `xauth is there (${xauth})`),
    ...(process.platform === 'linux' && setpriv === undefined
      ? [note('setpriv', 'setpriv is not there: nxproxy outlives a kill -9 of us', 'Install util-linux')]
      : []),
  ];
}
