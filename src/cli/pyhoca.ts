/** What pyhoca-cli calls things, in our words. Its options are accepted where they mean the same. */

/** Its actions are options; ours are commands. Those that name something take the next word. */
const actions: Readonly<Record<string, readonly [command: string, isNamed: boolean]>> = {
  '-N': ['start', false],
  '--new': ['start', false],
  '-R': ['resume', true],
  '--resume': ['resume', true],
  '-S': ['suspend', true],
  '--suspend': ['suspend', true],
  '-T': ['terminate', true],
  '--terminate': ['terminate', true],
  '-D': ['share', true],
  '--share-desktop': ['share', true],
  '-L': ['sessions', false],
  '--list-sessions': ['sessions', false],
  '--list-desktops': ['desktops', false],
};

const renamed: Readonly<Record<string, string>> = {
  '-k': '-i',
  '--ssh-privkey': '--identity',
  '--ssh-key': '--identity',
  '-l': '--username',
  '-u': '--username',
  '-p': '--remote-ssh-port',
  '--port': '--remote-ssh-port',
  '-D': '--share',
  '--share-desktop': '--share',
  '--kbd-layout': '--keyboard',
  '--forward-sshagent': '--forward-agent',
};
const spelledOut: Readonly<Record<string, readonly string[]>> = {
  '--add-to-known-hosts': ['--host-key', 'accept-new'],
  '--terminate-on-ctrl-c': ['--on-exit', 'terminate'],
  '--share-mode 0': ['--view'],
  '--share-mode 1': ['--full'],
  '--use-sound yes': ['--sound'],
  '--use-sound no': ['--no-sound'],
};

/** argv with every word of pyhoca-cli's that has one of ours in its place. */
export function fromPyhoca(argv: readonly string[], isCommand: (word: string) => boolean): readonly string[] {
  return inOurWords(isCommand(argv[0] ?? '') ? argv : withCommand(argv));
}

/** `-R NAME host` is `resume host NAME`. */
function withCommand(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((word) => Object.hasOwn(actions, bare(word)));
  const word = argv[at];
  const [command, isNamed] = actions[bare(word ?? '')] ?? [];
  if (word === undefined || command === undefined) return argv;
  const value = word.includes('=') ? [word.slice(word.indexOf('=') + 1)] : argv.slice(at + 1, at + 2);
  const taken = isNamed && !word.includes('=') ? 2 : 1;
  const rest = [...argv.slice(0, at), ...argv.slice(at + taken)];
  return [command, ...rest, ...(isNamed ? value : [])];
}

function inOurWords(argv: readonly string[]): readonly string[] {
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const [name, value] = [bare(word), word.includes('=') ? word.slice(word.indexOf('=') + 1) : undefined];
    const alone = spelledOut[word];
    const withValue = spelledOut[`${name} ${value ?? argv[at + 1]}`];
    if (alone !== undefined) words.push(...alone);
    else if (withValue !== undefined) {
      words.push(...withValue);
      if (value === undefined) at++;
    } else if (Object.hasOwn(renamed, name)) {
      words.push(value === undefined ? (renamed[name] ?? name) : `${renamed[name]}=${value}`);
    } else words.push(word);
  }
  return words;
}

const bare = (word: string) => (word.startsWith('--') ? word.replace(/=.*$/s, '') : word);
