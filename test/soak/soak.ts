/** A guardian with sessions on a real server, a nemesis that takes a step, and a look whether all is well again; over and over. */
import { Random } from '../../src/testing/random.js';
import { orphans } from '../support/aftermath.js';
import { eventually } from '../support/real/eventually.js';
import { findProcesses } from '../support/real/processes.js';
import { mended, settled } from './mending.js';
import { type Scene, steps } from './nemesis.js';
import { growthOf, type Sample, type SoakResult, type Tally } from './report.js';
import { contentOf, openSite, type Site } from './site.js';
import { type Soaked, startSoaked } from './soaked.js';
import { Witness } from './witness.js';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly sessions: number;
  /** Only steps whose names have this in them. */
  readonly only: string;
  readonly tell: (text: string) => void;
  /** Everything, for whoever wants to know how it came about. */
  readonly note: (text: string) => void;
  /** Ends it early: the report is of what was until then. */
  readonly enough: AbortSignal;
}

const profile = 'soak';
const script = new URL('../../test/soak/guardian.mjs', import.meta.url).pathname;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const site = await openSite();
  let soaked: Soaked | undefined;
  const { server } = site;
  let events = 0;
  const witness = new Witness({
    user: server.user,
    uid: server.uid,
    pid: () => soaked?.pid,
    tell: options.tell,
  });
  try {
    soaked = startSoaked(script, site.env, (record) => {
      events += 1;
      options.note(JSON.stringify(record));
      witness.hear(record);
    });
    const scene = { site, soaked, witness, random: new Random(options.seed), profile };
    await soaked.ask('start', { options: site.options(profile), privateKey: site.privateKey });
    const lived = await live(scene, options);
    const { left, named, rows, stopMs } = await end(scene);
    const { minutes, seed, sessions } = { ...options, minutes: lived.minutes };
    const violations = [...lived.violations, ...witness.violations];
    return {
      seed,
      minutes,
      sessions,
      steps: lived.tallies,
      events,
      violations,
      left,
      named,
      rows,
      stopMs,
      memory: growthOf(lived.samples),
    };
  } finally {
    witness.close();
    soaked?.kill();
    // What could not be swept is swept by whoever comes next; the report counts for more.
    await site.close().catch((cause: unknown) => options.tell(`not all is swept: ${cause}`));
  }
}

async function live(scene: Scene, { minutes, sessions, only, tell, note, enough }: SoakOptions) {
  const { soaked, witness, random } = scene;
  const born = performance.now();
  const now = () => (performance.now() - born) / 60_000;
  const names = Object.keys(steps).filter((name) => name.includes(only));
  const tallies: Record<string, Tally> = {};
  const samples: Sample[] = [];
  const violations: string[] = [];
  const mend = async (after: string) => {
    try {
      await mended(scene, sessions);
    } catch (cause) {
      const what = `after ${after}: ${cause instanceof Error ? cause.message : cause}`;
      violations.push(what);
      tell([what, ...witness.lately()].join('\n'));
    }
  };
  await mend('the beginning');
  while (now() < minutes && !enough.aborted) {
    const name = random.pick(names);
    const began = performance.now();
    note(`step: ${name}`);
    await steps[name]?.(scene).catch((cause: unknown) => tell(`the step itself failed: ${name}: ${cause}`));
    const from = performance.now();
    const itself = ((from - began) / 1_000).toFixed(1);
    await mend(name);
    const tookMs = Math.round(performance.now() - from);
    const { times, slowestMs } = tallies[name] ?? { times: 0, slowestMs: 0 };
    tallies[name] = { times: times + 1, slowestMs: Math.max(slowestMs, tookMs) };
    const held = await soaked.ask('held');
    const sample = { minute: now(), held, ...soaked.taken() };
    samples.push(sample);
    tell(
      `${sample.minute.toFixed(1)} min: ${name} (${itself} s): well again after ${(tookMs / 1_000).toFixed(1)} s; ${Math.round(sample.rss / 1_048_576)} MiB, ${sample.fds} fds, ${violations.length + witness.violations.length} violations`,
    );
  }
  return { tallies, samples, violations, minutes: now() };
}

/** What is not ours any more is ended first: after that nothing may be left anywhere. */
async function end(scene: Scene) {
  const { site, soaked, witness } = scene;
  const { server, client, line, runtime, journal } = site;
  // Whoever is not well by now has been told of.
  const view = await settled(scene).catch(() => undefined);
  for (const { session, ours } of view?.sessions ?? [])
    if (!ours) await soaked.ask('terminate', { profile, session }).catch(() => undefined);
  const began = performance.now();
  const { open, report } = await soaked.ask('stop');
  const stopMs = Math.round(performance.now() - began);
  const code = await soaked.ended();
  // What the report names is told, not left: on a busy server an end may take longer than the end waits for.
  const named = report.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
  const left = () => [
    ...open.map((each) => `open: ${JSON.stringify(each)}`),
    ...(code === 0 ? [] : [`exit code ${code}`]),
    ...here(site).map((each) => `here: ${each}`),
    ...(line.open > 0 ? [`${line.open} connections`] : []),
    ...contentOf(runtime).map((name) => `folder ${name}`),
    ...contentOf(journal).map((name) => `journal ${name}`),
    ...[...witness.agents().keys()]
      .filter((session) => !named.includes(session))
      .map((session) => `agent of ${session}`),
  ];
  await eventually('nothing to be left', () => left().length === 0, { everyMs: 500 }).catch(() => undefined);
  return { left: left(), named, rows: await orphans(server, client), stopMs };
}

/** Viewers of ours, whosever children they are by now. */
const here = ({ runtime }: Site) =>
  findProcesses(({ comm, cmdline }) => comm === 'nxproxy' && cmdline.includes(runtime)).map(
    ({ pid, cmdline }) => `${pid} ${cmdline}`,
  );
