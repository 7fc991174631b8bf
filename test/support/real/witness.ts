import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { OtherClient } from '../otherClient.js';
import type { RealServer } from '../realServer.js';
import { endChild, spawnTied } from './child.js';
import { eventually } from './eventually.js';

/** What the server said of a session, and when: its row in the list's data base, or its agent's state file. */
export interface Sign {
  readonly at: number;
  readonly from: 'list' | 'file';
  readonly session: string;
  /** One letter or a state file's word; 'gone' once there is no row. */
  readonly word: string;
}

export interface Witness {
  readonly signs: readonly Sign[];
  /** The first of these words about the session after a moment: when the server said so. */
  firstOf(session: string, words: readonly string[], after: number): Promise<number>;
  /** How often it was said anew since a moment that a session is suspended. */
  timesSuspended(session: string, after: number): number;
  /** What was said of a session since a moment, for a message. */
  story(session: string, after: number): string;
  stop(): Promise<void>;
}

// x2golistsessions costs 0.3 s of CPU; this reads the same rows every 20 ms for next to nothing.
const rows = `use DBI; $| = 1;
my $db = DBI->connect('dbi:SQLite:dbname=/var/lib/x2go/x2go_sessions', '', '', { RaiseError => 1, ReadOnly => 1 });
$db->sqlite_busy_timeout(20000);
my %last;
while (1) {
  my %now = map { @$_ } @{$db->selectall_arrayref('SELECT session_id, status FROM sessions WHERE uname = ?', undef, $ARGV[0])};
  for (keys %now) { print "$_ $now{$_}\\n" if ($last{$_} // '') ne $now{$_} }
  for (keys %last) { print "$_ gone\\n" unless exists $now{$_} }
  %last = %now;
  select(undef, undef, undef, 0.02);
}
`;

/** Looks from outside, by no code of the product, at what the server says of the sessions of its user. */
export async function startWitness(server: RealServer, client: OtherClient): Promise<Witness> {
  const signs: Sign[] = [];
  const words = new Map<string, string>();
  const child = spawnTied('perl', ['-e', rows, server.user], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('perl has no stdout');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [session = '', word = ''] = line.split(' ');
    signs.push({ at: performance.now(), from: 'list', session, word });
    if (!words.has(session)) words.set(session, '');
  });
  await once(child, 'spawn');
  const look = setInterval(() => {
    for (const [session, last] of words) {
      const word = client.stateFile({ session });
      if (word === last || word === 'unknown') continue;
      words.set(session, word);
      signs.push({ at: performance.now(), from: 'file', session, word });
    }
  }, 20);
  /** x2golistsessions shows a row R whose agent says SUSPENDED as S, so that R says nothing yet. */
  const listed = ({ session, at, word }: Sign) => {
    const said = signs.findLast((sign) => sign.session === session && sign.from === 'file' && sign.at <= at);
    return word === 'R' && said?.word.startsWith('SUSPEND') ? 'S' : word;
  };
  return {
    signs,
    story: (session, after) =>
      signs
        .filter((sign) => sign.session === session && sign.at > after)
        .map(({ at, from, word }) => `${Math.round(at - after)} ${from} ${word}`)
        .join(', '),
    timesSuspended: (session, after) =>
      signs
        .filter((sign) => sign.session === session && sign.at > after)
        .map((sign) => ['S', 'SUSPENDED'].includes(listed(sign)))
        .filter((said, n, all) => said && !all[n - 1]).length,
    firstOf: async (session, wanted, after) => {
      const find = () =>
        signs.find((sign) => sign.session === session && sign.at > after && wanted.includes(listed(sign)));
      return (await eventually(`the server to say ${wanted} of ${session}`, find, { timeoutMs: 30_000 })).at;
    },
    stop: async () => {
      clearInterval(look);
      await endChild(child);
    },
  };
}
