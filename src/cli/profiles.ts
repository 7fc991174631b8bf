import { toFailure, X2GoError } from '../errors.js';
import { type ProfileBook, readProfileBook } from '../profiles/profileBook.js';
import { usualFiles } from '../profiles/readSessions.js';
import { resolve } from '../profiles/resolved.js';
import type { SessionProfile } from '../profiles/sessionProfile.js';
import { clean } from '../protocol/text.js';
import { thisUser } from './chosen.js';
import { type Column, layOut, line } from './columns.js';
import { type Context, done, type Outcome } from './command.js';
import type { Config } from './configSchema.js';
import { changeProfile } from './profileChanges.js';
import type { ProfilesInvocation, ProfilesOptions } from './profileCommands.js';
import { type KnownProfile, profileListed, record } from './records.js';
import { configOf } from './setUp.js';
import { styleFor } from './style.js';
import { placeOf } from './target.js';

/** What profiles are known, what one comes to, and changes to them. */
export async function profiles(invocation: ProfilesInvocation, context: Context): Promise<Outcome> {
  switch (invocation.what) {
    case 'list':
      return list(invocation.options, context);
    case 'show':
      return show(invocation.word, invocation.options, context);
    default:
      return changeProfile(invocation.what, invocation.word, invocation.options, context);
  }
}

async function list(options: ProfilesOptions, { printer, io }: Context): Promise<Outcome> {
  const config = await configOf(options);
  const book = await readProfileBook();
  const rows = [
    ...configured(config, options.config ?? ''),
    ...book.profiles.map((one) => listed(one, book)),
  ];
  if (options.json) {
    for (const row of rows) printer.printJson(profileListed(row));
    return done;
  }
  const style = styleFor(io.stdout, io.env);
  if (rows.length === 0 && !options.quiet)
    printer.say(`x2go-guardian: no profiles in ${[...usualFiles()].reverse().join(' or ')}`);
  if (rows.length > 0)
    printer.print(table(rows, io.stdout.columns, (text) => style.paint('dim', text), style.mark));
  return done;
}

const configured = (config: Config | undefined, source: string): readonly KnownProfile[] =>
  (config?.profiles ?? []).map(({ id, host, port = 22, user = thisUser() }) => ({
    profile: id,
    id,
    name: id,
    host,
    port,
    user,
    kind: null,
    source,
  }));

/** A profile that cannot be used is listed with the reason. */
function listed(profile: SessionProfile, book: ProfileBook): KnownProfile {
  const resolution = resolve(profile);
  const { settings, id, name, file: source } = profile;
  const fields = { profile: book.wordFor(profile), id, name };
  if (!resolution.ok) {
    const place = { host: '', port: settings.sshport, user: '' };
    return { ...fields, ...place, kind: null, source, problem: resolution.reason };
  }
  const { host, port, user = thisUser(), order } = resolution.profile;
  return { ...fields, host, port, user, kind: order?.kind ?? null, source };
}

const columns: readonly (Column & { readonly of: (row: KnownProfile) => string })[] = [
  { title: 'PROFILE', rank: 0, least: 8, of: ({ name, id }) => name || id },
  { title: 'ID', rank: 3, of: ({ id }) => id },
  {
    title: 'TARGET',
    rank: 1,
    of: ({ problem, user, host, port }) =>
      problem === undefined ? `${user}@${placeOf(host, port)}` : `(${problem})`,
  },
  { title: 'KIND', rank: 2, of: ({ kind }) => kind ?? '' },
  { title: 'SOURCE', rank: 4, of: ({ source }) => source },
];

function table(
  rows: readonly KnownProfile[],
  width = 0,
  head: (text: string) => string,
  mark?: string,
): string {
  const cells = rows.map((row) => columns.map(({ of }) => clean(of(row))));
  const layout = layOut(columns, cells, width > 0 ? width : Number.MAX_SAFE_INTEGER);
  const titles = columns.map(({ title }) => title);
  return [head(line(layout, titles, mark)), ...cells.map((one) => line(layout, one, mark))].join('\n');
}

async function show(word: string, options: ProfilesOptions, { printer }: Context): Promise<Outcome> {
  const book = await readProfileBook();
  const profile = book.find(word);
  if (profile === undefined) throw unknownProfile(word, book);
  const row = listed(profile, book);
  const resolution = resolve(profile);
  const what = resolution.ok ? resolution.profile : undefined;
  const { presentation = {}, order = null, folders = [], proxy = null, atConnect = null } = what ?? {};
  const notices = what?.notices ?? profile.troubles;
  const values = Object.fromEntries([...profile.values].map(([key, said]) => [key, said]));
  const found = { keyFile: what?.keyFile ?? null, presentation, order, noOrder: what?.noOrder ?? null };
  if (options.json) {
    const rest = { folders, proxy, atConnect, notices, values };
    printer.printJson(record('profile.shown', { ...row, ...found, ...rest }));
  } else printer.print(shownText(row, { ...found, folders, proxy, atConnect }, profile, notices));
  if (resolution.ok) return done;
  const reason = `The profile ${JSON.stringify(word)} cannot be used: ${resolution.reason}`;
  return { failures: [{ failure: toFailure(new X2GoError('config.invalid', reason)) }] };
}

function shownText(
  row: KnownProfile,
  found: Readonly<Record<string, unknown>>,
  { id, values }: SessionProfile,
  notices: readonly string[],
): string {
  const place = row.problem === undefined ? `${row.user}@${placeOf(row.host, row.port)}` : '';
  return [
    clean(`${row.name || id} (${id})  ${place}`).trimEnd(),
    ...Object.entries(found).flatMap(([key, value]) =>
      value === null ? [] : [`  ${key}: ${clean(JSON.stringify(value))}`],
    ),
    ...[...values].map(
      ([key, { value, file }]) => `  ${clean(key)} = ${clean(JSON.stringify(value))}  (${clean(file)})`,
    ),
    ...notices.map((notice) => `  note: ${clean(notice)}`),
  ].join('\n');
}

export function unknownProfile(word: string, book: ProfileBook): X2GoError {
  const known = book.profiles.slice(0, 20).map((one) => book.wordFor(one));
  const list = known.length === 0 ? 'none' : known.join(', ');
  return new X2GoError('profile.unknown', `There is no profile ${JSON.stringify(word)}. There are: ${list}`);
}
