// Imports the package and makes two guardians, and prints what that changed in this process.
import { createHook } from 'node:async_hooks';
import { endianness } from 'node:os';

const census = () => ({
  resources: process.getActiveResourcesInfo().sort(),
  listeners: Object.fromEntries(
    process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  ),
  globals: Reflect.ownKeys(globalThis).map(String).sort(),
  prototypes: [Object, Array, Promise, Map, Error].map((type) => Reflect.ownKeys(type.prototype).length),
  environment: { ...process.env },
  title: process.title,
  cwd: process.cwd(),
  order: endianness(),
});

// These two come into being when they are first looked at, which is no side effect worth the name.
void [process.stdout.fd, process.stderr.fd, process.stdin.fd];
const started = [];
const hook = createHook({
  init: (_id, type) => {
    if (/^(TCP|UDP|PIPE|PROCESS|TTY|Timeout|Immediate|FSEVENT|SIGNAL)/i.test(type)) started.push(type);
  },
});

const before = census();
hook.enable();
const { createGuardian } = await import('../../../dist/src/index.js');
const afterImport = census();
const startedByImport = [...started];
for (const id of ['one', 'two']) createGuardian({ profiles: [{ id, host: '127.0.0.1', user: 'alice' }] });
const afterMaking = census();
hook.disable();
console.log(JSON.stringify({ before, afterImport, afterMaking, startedByImport, startedInAll: started }));
