import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startRealServer } from '../test/support/realServer.js';
import { openSsh, ours, oursPlain, type Peer, pythonAvailable, pythonX2go, rawSsh2 } from './tunnelPeers.js';

const MiB = 1024 * 1024;
const rounds = Number(process.env.ROUNDS ?? 5);
const bulkMiB = Number(process.env.MIB ?? 256);
/** python-x2go's tunnel is slower by more than an order of magnitude. */
const slowMiB = 16;

/** Both ends of what is measured, in a process of its own. */
async function startLoad() {
  const script = fileURLToPath(new URL('tunnelLoad.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? '{"error":"it ended"}');
  const { far } = await next();
  const ask = async (order: Record<string, string | number>) => {
    child.stdin.write(`${JSON.stringify(order)}\n`);
    const { value, error } = await next();
    if (error !== undefined) throw new Error(error);
    return value;
  };
  return { far: far as number, ask, stop: () => child.stdin.end() };
}

const kinds = ['push', 'pull', 'idle', 'busy'] as const;
type Figures = Record<(typeof kinds)[number], number>;
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

test('tunnels beside ssh -L: bulk in MiB/s, round trips of a small message in ms', async () => {
  const server = await startRealServer();
  const [bulk, echo] = [await startLoad(), await startLoad()];
  const peers: Record<string, Peer> = {
    'ssh -L': openSsh,
    ours,
    'ours, no addon': oursPlain,
    'raw ssh2': rawSsh2,
    ...(pythonAvailable() ? { 'python-x2go': pythonX2go } : {}),
  };
  const seen: Record<string, Figures[]> = {};
  const measure = async (name: string, peer: Peer): Promise<Figures> => {
    const forwarded = await peer(server, { bulk: bulk.far, echo: echo.far });
    try {
      const mib = name === 'python-x2go' ? slowMiB : bulkMiB;
      const rate = async (way: 'push' | 'pull') =>
        (mib * 1_000) / (await bulk.ask({ do: way, port: forwarded.bulk, total: mib * MiB }));
      const [push, pull] = [await rate('push'), await rate('pull')];
      const ping = async () =>
        median(await echo.ask({ do: 'ping', port: forwarded.echo, forMs: 3_000, count: 1_000 }));
      const idle = await ping();
      await bulk.ask({ do: 'flow', port: forwarded.bulk });
      await pause(300); // until both directions are full
      const busy = await ping();
      await bulk.ask({ do: 'still' });
      return { push, pull, idle, busy };
    } finally {
      await forwarded.close();
    }
  };
  try {
    for (let round = 0; round < rounds; round += 1)
      for (const [name, peer] of Object.entries(peers)) {
        seen[name] ??= [];
        const figures = await measure(name, peer);
        seen[name].push(figures);
        console.info(name, JSON.stringify(figures));
      }
  } finally {
    bulk.stop();
    echo.stop();
    await server.stop();
  }
  const of = (name: string, kind: keyof Figures) => median((seen[name] ?? []).map((each) => each[kind]));
  /** Round by round, so that a busy minute of the machine counts for both. */
  const ratio = (name: string, kind: keyof Figures) =>
    median((seen[name] ?? []).map((each, n) => each[kind] / (seen['ssh -L']?.[n]?.[kind] ?? Number.NaN)));
  const table = Object.keys(seen).map((name) => [
    name,
    Object.fromEntries(
      kinds.map((kind) => [kind, `${of(name, kind).toFixed(2)} (x${ratio(name, kind).toFixed(2)})`]),
    ),
  ]);
  console.table(Object.fromEntries(table));
  if (!pythonAvailable()) console.info('missing: python-x2go (apt-get install python3-x2go)');
  expect.soft(ratio('ours', 'push')).toBeGreaterThanOrEqual(0.9);
  expect.soft(ratio('ours', 'pull')).toBeGreaterThanOrEqual(0.8);
  expect.soft(ratio('ours', 'idle')).toBeLessThanOrEqual(1.3);
  expect.soft(ratio('ours', 'busy')).toBeLessThanOrEqual(2);
  // Nagle's algorithm and a delayed acknowledgement make steps of 44 ms where small packets are written apart.
  expect.soft(of('ours, no addon', 'idle')).toBeLessThan(10);
}, 3_600_000);
