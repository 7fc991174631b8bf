import { X2GoError } from '../errors.js';
import { createGuardian } from '../guardian.js';
import { Marks } from '../wanted/marks.js';
import type { Step } from '../wanted/model.js';
import { planned } from '../wanted/news.js';
import type { Context, Outcome } from './command.js';
import { Deadline, patience } from './deadline.js';
import { endNeeds } from './endSessions.js';
import { askOnce, cutShort } from './oneShot.js';
import type { ProfileFailure } from './records.js';
import { setUp } from './setUp.js';
import type { WantedInvocation } from './wantedOptions.js';
import { declaredIn, wantedFrom } from './wantedSetUp.js';
import { sumText, wantedTeller } from './wantedText.js';
import { applied, stepsOf, type WantedWork } from './wantedWork.js';

/** A start takes 6 s, on a busy server several times that; there may be many. */
const applyPatience = 600_000;

/** Says what differs from the declared sessions, and with `apply` sees to it, the profiles beside each other. */
export async function wanted(
  { command, file: path, options }: WantedInvocation,
  context: Context,
): Promise<Outcome> {
  if (options.onExit !== undefined && options.onExit !== 'suspend')
    throw new X2GoError(
      'usage.invalid',
      `--on-exit ${options.onExit}: what apply starts is suspended at its end`,
    );
  const { file, targets } = await wantedFrom(path);
  const isPlan = command === 'plan';
  const deadline = new Deadline(options.timeout ?? (isPlan ? patience : applyPatience));
  const ready = await setUp({ targets, options }, context, deadline.stage);
  const work: WantedWork = {
    guardian: createGuardian({ ...ready.options, ...needs(isPlan) }),
    declared: declaredIn(file, ready.chosen, options),
    marks: new Marks(),
    file: file.file,
    prune: options.prune === true,
    deadline,
    signal: AbortSignal.any([deadline.signal, context.ending.asked]),
    tell: wantedTeller(options, context.printer),
  };
  const profiles = ready.chosen.map(({ profile }) => profile);
  const steps: Step[] = [];
  const failures: ProfileFailure[] = [];
  const forced = await askOnce(work.guardian, profiles, deadline, context, async (profile) => {
    const found = await stepsOf(profile, work);
    if ('failure' in found) failures.push(found);
    else {
      steps.push(...found.steps);
      for (const step of found.steps) work.tell(planned(step));
      if (!isPlan) failures.push(...(await applied(found.steps, profile, work)));
    }
    return () => undefined;
  });
  if (!options.json && !options.quiet) context.printer.print(sumText(steps, isPlan));
  return cutShort(context, forced) ?? { failures, forced };
}

/** A plan leaves no trace; what apply runs is in the journal as any session of ours. */
const needs = (isPlan: boolean) => {
  const { journal, ...looking } = endNeeds;
  return isPlan ? { ...looking, journal } : looking;
};
