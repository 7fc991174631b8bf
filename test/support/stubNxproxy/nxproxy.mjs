/**
 * Behaves like nxproxy as far as a parent process can see: reads its options file, connects, says the same lines on stderr,
 * ends with exit code 0. The other side is the emulator's agent (`NXPROXY <cookie>`, `NXAGENT ok`).
 * How it behaves is in behaviour.json beside the program, what it was given goes to runs/.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';

const home = dirname(process.argv[1]);
const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};
const behaviour = JSON.parse(read(join(home, 'behaviour.json')) ?? '{}');
const { mode = 'show', leaveMs = 50, onClose = 'ended' } = behaviour;

const file = /options=([^,:=]+)/.exec(process.argv[3] ?? '')?.[1] ?? '';
const optionsLine = read(file) ?? '';
const options = Object.fromEntries(
  (/^nx\/nx,(.*):\d+$/.exec(optionsLine)?.[1] ?? '').split(',').map((word) => word.split('=')),
);
const record = {
  pid: process.pid,
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  optionsLine,
  mode: file === '' ? undefined : (statSync(file).mode & 0o777).toString(8),
};
mkdirSync(join(home, 'runs'), { recursive: true });
const note = join(home, 'runs', `${Date.now()}-${process.pid}.json`);
writeFileSync(`${note}.tmp`, JSON.stringify(record));
renameSync(`${note}.tmp`, note);

const say = (...lines) => process.stderr.write(lines.map((line) => `${line}\n`).join(''));
const target = `${options.connect}:${options.port}`;
let leaving = false;
const leave = (...lines) => {
  if (leaving) return;
  leaving = true;
  socket?.destroy();
  say(...lines, "Session: Terminating session at 'now'.");
  setTimeout(() => {
    keeper?.kill('SIGKILL');
    say("Session: Session terminated at 'now'.");
    process.exitCode = 0;
    process.exit();
  }, leaveMs);
};
let socket;
let keeper;
process.on('SIGTERM', () => {
  if (mode !== 'deaf') leave();
});
// It lives until somebody ends it, as nxproxy does.
setInterval(() => {}, 60_000);

switch (mode) {
  case 'exit':
    process.exit();
    break;
  case 'say':
    say(...behaviour.lines);
    process.exit();
    break;
  case 'hang':
    say('Info: Proxy running in server mode.');
    break;
  case 'flood':
    for (let n = 0; n < 1_000; n += 1) say(`Warning: flood ${n} ${'x'.repeat(200)}`);
    show();
    break;
  case 'endless':
    process.stderr.write('y'.repeat(8 * 1024 * 1024), () => {
      say('');
      show();
    });
    break;
  case 'keeper':
    keeper = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    show();
    break;
  default:
    show();
}

function show() {
  say('Info: Proxy running in server mode.', `Info: Connecting to remote host '${target}'.`);
  let heard = '';
  socket = connect({ host: options.connect, port: Number(options.port) }, () => {
    say('Info: Connected to remote proxy on FD#5.');
    socket.write(`NXPROXY ${options.cookie}\n`);
  });
  socket.on('data', (chunk) => {
    if (heard.includes('NXAGENT ok')) return;
    heard += chunk.toString('latin1');
    if (!heard.includes('NXAGENT ok')) return;
    say('Info: Connection with remote proxy completed.', "Session: Session started at 'now'.");
    say('Info: Established X server connection.');
  });
  const gone = (how) => {
    if (leaving) return;
    if (!heard.includes('NXAGENT ok')) return leave('Error: The remote NX proxy closed the connection.');
    if (how === 'ended') return leave();
    leave('Error: Failure reading from the peer proxy.', 'Error: Connection with remote peer broken.');
  };
  socket.on('end', () => gone(onClose));
  socket.on('error', ({ code }) => {
    if (code !== 'ECONNREFUSED') return gone('cut');
    leave(`Error: Connection to '${target}' failed. Error is 111 'Connection refused'.`);
  });
}
