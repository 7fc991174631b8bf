import fc from 'fast-check';

/** Configurations as people write them, and stranger ones that ssh takes. */
export interface GeneratedConfig {
  readonly main: string;
  /** Files that are included, by their names in the same folder. */
  readonly included: Readonly<Record<string, string>>;
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

const hosts = ['alpha', 'beta', 'a.example.org', 'B.Example.org', '10.0.0.7', 'gate', 'alpha-two'] as const;
const host = fc.constantFrom(...hosts);
const user = fc.constantFrom('root', 'alice', 'bob', 'x.y');
const pattern = fc.constantFrom(
  ...[
    '*',
    'alpha',
    'a*',
    '*.example.org',
    '*.Example.org',
    '?lpha',
    'b*',
    '10.0.0.?',
    '!beta',
    '!a.*',
    '!alpha',
    '*-two',
    '!*',
  ],
);
const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 });
const path = fc.constantFrom(
  ...[
    '~/.ssh/one',
    '~/.ssh/two%%',
    '/k/%h-%p',
    '/k/%r@%n',
    '%d/k/%u',
    '/k/%k/%i',
    '/k/%L',
    `/tmp/\${X2GO_CONFIG_TEST}/k`,
    '/a#b',
    '"/a b/c"',
    "'/it is'",
    '/a\\ b',
    '"~/q%h"',
    '/x\\\\y',
  ],
);
const time = fc.constantFrom('0', '7', '90', '1m', '1m30s', '2H', 'none', '1w');
const jump = fc.constantFrom(
  ...[
    'none',
    'gate',
    'bob@gate:2222',
    'gate,alice@beta',
    '[::1]:99',
    'u@[fe80::1]',
    'ssh://x@gate:7',
    '10.0.0.7',
    'a,b,c:1',
  ],
);
const name = fc.constantFrom(
  '%h',
  '%h.example.org',
  'other.host',
  '192.168.1.1',
  'Upper.Case',
  '"%h"',
  'pre%%%h',
);
const names = { bare: fc.constantFrom('x', 'alias', '"x"') };

const setting = fc.oneof(
  name.map((value) => ['HostName', value] as const),
  fc.constantFrom('22', '2222', '00022', '65535').map((value) => ['Port', value] as const),
  user.map((value) => ['User', value] as const),
  path.map((value) => ['IdentityFile', value] as const),
  fc.constantFrom('yes', 'no', 'true', 'FALSE', 'Yes').map((value) => ['IdentitiesOnly', value] as const),
  fc
    .oneof(path, fc.constantFrom('none', 'SSH_AUTH_SOCK', '$HOME'))
    .map((value) => ['IdentityAgent', value] as const),
  fc
    .oneof(fc.array(path, { minLength: 1, maxLength: 3 }), fc.constant(['none']))
    .map((value) => ['UserKnownHostsFile', value.join(' ')] as const),
  names.bare.map((value) => ['HostKeyAlias', value] as const),
  jump.map((value) => ['ProxyJump', value] as const),
  fc.constantFrom('nc %h %p', 'none').map((value) => ['ProxyCommand', value] as const),
  time.map((value) => ['ConnectTimeout', value] as const),
  time.map((value) => ['ServerAliveInterval', value] as const),
  fc.constantFrom('0', '3', '007').map((value) => ['ServerAliveCountMax', value] as const),
  fc
    .oneof(path, fc.constantFrom('yes', 'no', 'TRUE', 'False', '$HOME'))
    .map((value) => ['ForwardAgent', value] as const),
  fc.constantFrom('yes', 'no').map((value) => ['Compression', value] as const),
);
const cased = fc.constantFrom(
  (word: string) => word,
  (word: string) => word.toLowerCase(),
  (word: string) => word.toUpperCase(),
);
const settingLine = fc
  .tuple(
    setting,
    cased,
    fc.constantFrom('', '  ', '\t'),
    fc.constantFrom(' ', '=', ' = ', '\t', '  '),
    fc.constantFrom('', '  ', ' # said', '\r'),
  )
  .map(([[keyword, value], change, before, between, after]) => {
    // ProxyCommand takes everything that follows. OpenSSH 9.2 takes `none # said` for a host of the name none.
    const end = keyword === 'ProxyCommand' || (keyword === 'ProxyJump' && value === 'none') ? '' : after;
    return `${before}${change(keyword)}${between}${value}${end}`;
  });

const criterion = fc.oneof(
  fc
    .tuple(fc.constantFrom('host', 'originalhost', '!host', '!originalhost', 'Host'), patterns)
    .map(([key, list]) => `${key} ${list.join(',')}`),
  fc
    .tuple(
      fc.constantFrom('user', 'localuser', '!user', 'user='),
      fc.constantFrom('root', 'alice', 'a*,!alice', '!bob,*', '"x.y"'),
    )
    .map(([key, list]) => (key.endsWith('=') ? `${key}${list}` : `${key} ${list}`)),
  fc.constantFrom('final', '!final', 'canonical', '!canonical'),
);
const section = fc.oneof(
  { weight: 3, arbitrary: patterns.map((list) => `Host ${list.join(' ')}`) },
  {
    weight: 3,
    arbitrary: fc.array(criterion, { minLength: 1, maxLength: 3 }).map((list) => `Match ${list.join(' ')}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'Match all',
      'Match final all',
      'Match !all',
      'Host "alpha" beta # said',
      'match host=alpha',
    ),
  },
);
const include = fc.constantFrom(
  'Include FOLDER/one',
  'Include FOLDER/t*',
  'include FOLDER/[a-o]* FOLDER/.h',
  'Include FOLDER/none*',
  'Include FOLDER/*',
);
const line = fc.oneof(
  { weight: 8, arbitrary: settingLine },
  { weight: 3, arbitrary: section },
  { weight: 1, arbitrary: include },
  { weight: 1, arbitrary: fc.constantFrom('', '# a comment', '   ', '\t# another "one') },
);
const innerLine = fc.oneof({ weight: 5, arbitrary: settingLine }, { weight: 2, arbitrary: section });
const lines = (of: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(of, { maxLength }).map((all) => `${all.join('\n')}\n`);

export const generatedConfig: fc.Arbitrary<GeneratedConfig> = fc.record({
  main: lines(line, 24),
  included: fc.record({
    one: lines(innerLine, 6),
    two: lines(innerLine, 6),
    three: lines(
      fc.oneof(
        { weight: 6, arbitrary: innerLine },
        { weight: 1, arbitrary: fc.constant('Include FOLDER/one') },
      ),
      6,
    ),
    '.h': lines(innerLine, 3),
  }),
  host,
  user: fc.option(user, { nil: undefined }),
  port: fc.option(fc.constantFrom(22, 2022), { nil: undefined }),
});
