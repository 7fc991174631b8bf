import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { toFailure, X2GoError } from '../errors.js';
import { usualCredentials } from '../options.js';
import { isCertificate, listAgentKeys } from '../ssh/agentListing.js';
import { type Finding, note, ok, problem } from './finding.js';
import { inTime } from './inTime.js';
import { screenChecks } from './screenChecks.js';
import { soundCheck } from './soundCheck.js';

/** What this machine has, and lacks. */
export async function localChecks(wanted: {
  readonly identity: readonly string[];
  readonly knownHosts: readonly string[];
}): Promise<readonly Finding[]> {
  const usual = usualCredentials();
  const looked = await Promise.all([
    inTime('agent', async () => [await agentCheck(usual.agent)]),
    inTime('keys', () => keyChecks(wanted.identity, usual.defaultIdentities ?? [])),
    inTime('known-hosts', () => Promise.all(wanted.knownHosts.map(knownHostsCheck))),
    inTime('screen', () => screenChecks()),
    inTime('sound', async () => [await soundCheck()]),
  ]);
  return [nodeCheck(process.versions.node), cryptoCheck(), ...looked.flat()];
}

/** From this version on Node gets fixes. */
const supported = 22;

export function nodeCheck(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    const message = `Node ${version} is too old: 20.19 or later is wanted`;
    return problem('node', { code: 'config.invalid', message, retryable: false }, 'Install Node 24');
  }
  if (major < supported)
    return note('node', `Node ${version} works, but gets no fixes any more`, 'Install Node 24');
  return ok('node', `Node ${version}`);
}

/** ssh2's native addon is optional: without it AES-128-GCM runs at 35 MB/s instead of 354 (measured). */
function cryptoCheck(): Finding {
  try {
    createRequire(import.meta.url)('ssh2/lib/protocol/crypto/build/Release/sshcrypto.node');
    return ok('crypto', "ssh2's native encryption is there");
  } catch {
    const advice = 'Where much is to be transferred: install a C++ compiler, then npm rebuild ssh2';
    return note('crypto', "ssh2's native encryption is not there: 35 MB/s instead of 354", advice);
  }
}

async function agentCheck(path: string | undefined): Promise<Finding> {
  if (path === undefined)
    return note('agent', 'No key agent: SSH_AUTH_SOCK is not set', 'eval $(ssh-agent), then ssh-add');
  try {
    const keys = await listAgentKeys(path);
    const count = keys.length;
    const certificates = keys.filter(isCertificate).length;
    if (certificates > 0) {
      const message = `The key agent has ${count} keys; ${certificates} of them are certificates`;
      return note('agent', `${message}, which are not used`, 'Have the key itself let in by the server');
    }
    if (count > 0) return ok('agent', `The key agent has ${count} ${count === 1 ? 'key' : 'keys'}`);
    return note('agent', 'The key agent has no keys', 'ssh-add');
  } catch (cause) {
    const why = toFailure(cause).message;
    return note(
      'agent',
      `The key agent at ${path} cannot be used: ${why}`,
      'Start it anew, or unset SSH_AUTH_SOCK',
    );
  }
}

async function keyChecks(named: readonly string[], usual: readonly string[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const file of named) findings.push(await keyCheck(file, true));
  for (const file of usual) {
    const finding = await keyCheck(file, false);
    if (finding.verdict !== 'error') findings.push(finding);
  }
  if (findings.length > 0) return findings;
  const names = usual.map((file) => file.replace(/^.*\//, '')).join(', ');
  return [note('keys', `No private key in ~/.ssh (${names})`, 'ssh-keygen -t ed25519, or --password-stdin')];
}

async function keyCheck(file: string, isNamed: boolean): Promise<Finding> {
  try {
    const text = await readFile(file, 'latin1');
    if (!isEncrypted(text)) return ok('keys', `The key ${file} is there`);
    const message = `The key ${file} is there and encrypted`;
    return isNamed
      ? ok('keys', message)
      : note('keys', `${message}: it is passed over unless it is named`, `-i ${file}`);
  } catch (cause) {
    const why = toFailure(cause).message;
    const { code, message } = new X2GoError('auth.identity', `The key ${file} cannot be read: ${why}`);
    return problem('keys', { code, message, retryable: false }, 'Check the path');
  }
}

/** PEM says so in words; OpenSSH's own format names the cipher, `none` where there is none. */
export function isEncrypted(text: string): boolean {
  if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text)) return true;
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1];
  if (body === undefined) return false;
  const blob = Buffer.from(body, 'base64');
  return blob.subarray(15, 23).toString('latin1') !== '\x00\x00\x00\x04none';
}

async function knownHostsCheck(file: string): Promise<Finding> {
  try {
    const text = await readFile(file, 'latin1');
    const count = text.split('\n').filter((line) => /^\s*[^#\s]/.test(line)).length;
    return ok('known-hosts', `${file} can be read: ${count} ${count === 1 ? 'line' : 'lines'}`);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      return note('known-hosts', `${file} is not there`, 'It is made when you say yes to the first host key');
    }
    const message = `${file} cannot be read: ${toFailure(cause).message}`;
    return problem(
      'known-hosts',
      { code: 'file.unreadable', message, retryable: false },
      'Check its permissions',
    );
  }
}
