import type { Presentation, SessionOrder } from '../../machines/orders.js';
import { defaultTiming } from '../../machines/policy.js';
import { monotonicClock } from '../clock.js';
import type { Declaration } from '../wanted/declarations.js';
import type { Keeping } from '../wanted/keep.js';
import { Marks } from '../wanted/marks.js';
import type { Declared } from '../wanted/model.js';
import type { WantedFile } from '../wanted/read.js';
import type { Chosen } from './chosen.js';
import type { CommonOptions, WatchOptions } from './options.js';
import { completed } from './server.js';
import type { SetUp } from './setUp.js';
import type { WatchView } from './view.js';
import type { ReachOptions } from './wantedOptions.js';
import { wantedRecord, wantedText } from './wantedText.js';

/** A file of declared sessions, and the profiles it names, as targets. Throws what readWanted() throws. */
export async function wantedFrom(
  path: string,
): Promise<{ readonly file: WantedFile; readonly targets: readonly string[] }> {
  // What reads YAML is not for a watch without a file.
  const { readWanted } = await import('../wanted/read.js');
  const file = await readWanted(path);
  return { file, targets: [...new Set(file.sessions.map(({ profile }) => profile))] };
}

/** What is wanted of the profiles that were chosen for the file. Throws config.invalid, with the place in the file. */
export function declaredIn(
  file: WantedFile,
  chosen: readonly Chosen[],
  options: CommonOptions & ReachOptions,
): readonly Declared[] {
  return file.sessions.map((one) => {
    const words = [one.profile, completed(one.profile, options)];
    const found = chosen.find(({ word }) => word !== undefined && words.includes(word));
    if (found === undefined)
      throw file.fault(
        one.at,
        `${JSON.stringify(one.profile)} is a profile that is named otherwise elsewhere: use one name`,
      );
    const { name, state, adopt = file.adopt } = one;
    const [order, presentation] = ordered(file, one, found);
    return {
      profile: found.profile.id,
      name,
      state,
      adopt: adopt || options.adopt === true,
      order,
      presentation,
    };
  });
}

/** As the file says, else as the profile does. */
function ordered(
  file: WantedFile,
  one: Declaration,
  { session }: Chosen,
): readonly [SessionOrder, Presentation] {
  const work = one.work ?? session?.order;
  if (work === undefined) {
    const why = session?.noOrder ?? 'the profile says nothing of it';
    throw file.fault(one.at, `what is to run is not said: ${why}. Give "kind" and "command"`);
  }
  if (work.kind === 'shadow')
    throw file.fault(
      one.at,
      'the profile shares a desktop of somebody: that cannot be kept. Give "kind" and "command"',
    );
  const { quality, ...rest } = session?.presentation ?? {};
  // A quality belongs to its method.
  const own = one.shown.pack === undefined ? session?.presentation : rest;
  const { dpi: _dpi, depth: _depth, ...shown } = one.shown;
  const presentation = { ...own, ...shown };
  return [{ ...work, ...own, ...one.shown }, presentation];
}

/** What `--apply` asks for, in the place of what the profiles do. Throws config.invalid. */
export function keepingOf(
  file: WantedFile,
  { chosen, config }: SetUp,
  options: WatchOptions,
  view: WatchView,
): Omit<Keeping, 'guardian'> {
  return {
    profiles: chosen.map(({ profile }) => profile),
    declared: declaredIn(file, chosen, options),
    marks: new Marks(),
    file: file.file,
    prune: options.prune === true,
    clock: monotonicClock,
    settleMs: options.interval ?? config?.refresh.refreshInterval ?? defaultTiming.refreshInterval,
    tell: (news) => view.note(wantedRecord(news), wantedText(news)),
  };
}
