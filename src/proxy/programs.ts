import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { X2GoError } from '../errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a program is, looked for as a shell would. Undefined: nowhere in PATH. */
export function findProgram(name: string, env: Environment): string | undefined {
  if (name.includes('/')) return isRunnable(name) ? name : undefined;
  const folders = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(isRunnable);
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Where nxproxy is. Throws proxy.missing. */
export function findNxproxy(program: string, env: Environment): string {
  const path = findProgram(program, env);
  if (path !== undefined) return path;
  if (program.includes('/')) throw missingProgram(`${program} is not there, or may not be run`);
  throw missingProgram(`${program} is not in PATH (${env.PATH || 'empty'})`);
}

export const missingProgram = (why: string): X2GoError =>
  new X2GoError('proxy.missing', `nxproxy cannot be run here: ${why}. Install the package nxproxy`);

/** The machines of ELF headers that one meets. */
const machines: Readonly<Record<number, string>> = {
  3: 'i386',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv',
};

/** Why the kernel would not run this file; undefined when nothing speaks against it. */
export function whyNotRunnable(path: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const header = readHeader(path);
  if (header === undefined) return undefined;
  if (header.subarray(0, 2).toString('latin1') === '#!') return undefined;
  const machine = machineOf(header);
  if (machine === undefined) return `${path} is no program`;
  const own = machineOf(readHeader('/proc/self/exe') ?? Buffer.alloc(0));
  if (own === undefined || machine === own) return undefined;
  const name = (id: number) => machines[id] ?? `another kind of machine (${id})`;
  return `${path} was built for ${name(machine)}, this is ${name(own)}`;
}

function machineOf(header: Buffer): number | undefined {
  if (header.length < 20 || header.subarray(0, 4).toString('latin1') !== '\x7fELF') return undefined;
  return header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18);
}

function readHeader(path: string): Buffer | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const header = Buffer.alloc(20);
      return header.subarray(0, readSync(file, header, 0, 20, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
