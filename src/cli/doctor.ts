import { homedir } from 'node:os';
import { join } from 'node:path';
import { createGuardian } from '../guardian.js';
import type { Context, Outcome } from './command.js';
import { Deadline, patience } from './deadline.js';
import { type Finding, findingRecord, findingText } from './finding.js';
import { localChecks } from './localChecks.js';
import { askOnce, cutShort } from './oneShot.js';
import type { CommonOptions } from './options.js';
import { serverChecks } from './serverChecks.js';
import { setUp } from './setUp.js';
import { styleFor } from './style.js';

interface Wanted {
  readonly targets: readonly string[];
  readonly options: CommonOptions;
}

/** What is missing here, and on the servers that were named, and what to do about it. */
export async function doctor(wanted: Wanted, context: Context): Promise<Outcome> {
  const { io, printer } = context;
  const { json, identity, knownHosts, config } = wanted.options;
  const style = styleFor(io.stdout, io.env);
  const findings: Finding[] = [];
  const tell = (finding: Finding) => {
    findings.push(finding);
    if (json) printer.printJson(findingRecord(finding));
    else printer.print(findingText(finding, style));
  };
  const files = [knownHosts ?? join(homedir(), '.ssh', 'known_hosts')];
  for (const finding of await localChecks({ identity, knownHosts: files })) tell(finding);
  const visits = wanted.targets.length > 0 || config !== undefined;
  const forced = visits ? await visit(wanted, context, tell) : false;
  const early = cutShort(context, forced);
  if (early) return early;
  const failures = findings.flatMap(({ failure, profile }) =>
    failure === undefined ? [] : [{ ...(profile === undefined ? {} : { profile }), failure }],
  );
  return { failures, forced, isTold: true };
}

/** Tries the servers, all at once; each is told in one piece. Gives whether something had to be forced. */
async function visit(wanted: Wanted, context: Context, tell: (finding: Finding) => void): Promise<boolean> {
  const deadline = new Deadline(wanted.options.timeout ?? patience);
  const { chosen, options } = await setUp(wanted, context, deadline.stage);
  const guardian = createGuardian({
    ...options,
    autoUpdateListSessionsCache: true,
    stateWatch: false,
    journal: false,
  });
  const profiles = chosen.map(({ profile }) => profile);
  return askOnce(guardian, profiles, deadline, context, async (profile) => {
    const findings = await serverChecks(guardian, profile, deadline);
    return () => findings.forEach(tell);
  });
}
