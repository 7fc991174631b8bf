import { describe, expect, test } from 'vitest';
import { proxyEnds } from '../../machines/sessionPorts.js';
import {
  type Author,
  type CacheName,
  type CacheSource,
  type FactType,
  type Failure,
  failureTable,
  profileTags,
  type ReportEntry,
  type SessionKind,
  sessionPhases,
  sessionTags,
} from '../../machines/vocabulary.js';
import type { GuardianEventOf } from '../../src/records.js';
import { definedEvents, definition, eventSchema, type Schema } from './support/eventSchema.js';
import { commandSamples, factSamples, samples } from './support/samples.js';

/** The words of a union, each once: the compiler refuses one that is missing or unknown. */
const wordsOf = <Word extends string>(words: Readonly<Record<Word, true>>) => Object.keys(words).sort();

const authors = wordsOf<Author>({ me: true, other: true, found: true });
const caches = wordsOf<CacheName>({ sessions: true, desktops: true, mounts: true });
const tunnels = wordsOf<GuardianEventOf<'tunnel.opened'>['tunnel']>({ graphics: true, sound: true });
const leftovers = wordsOf<GuardianEventOf<'reap.ended'>['kind']>({
  child: true,
  directory: true,
  session: true,
});
const fates = wordsOf<GuardianEventOf<'reap.ended'>['outcome']>({
  ended: true,
  gone: true,
  left: true,
  failed: true,
});
const sources = wordsOf<CacheSource>({ listing: true, watch: true });
const kinds = wordsOf<SessionKind>({
  application: true,
  desktop: true,
  published: true,
  shadow: true,
  kdrive: true,
});
const outcomes = wordsOf<ReportEntry['outcome']>({ closed: true, cut: true, forced: true, failed: true });
const resources = wordsOf<ReportEntry['kind']>({
  profile: true,
  transport: true,
  channel: true,
  watch: true,
  timer: true,
  listener: true,
  forward: true,
  child: true,
  directory: true,
  session: true,
});

const property = (name: string, field: string): Schema => definition(name).properties?.[field] ?? {};
const words = ({ enum: values = [] }: Schema) => [...values].sort();
const sorted = (values: readonly string[]) => [...values].sort();

describe('the schema has the words of the vocabulary', () => {
  test('its events are the facts and what the command prints besides', () => {
    const events = eventSchema.oneOf.map(({ $ref }) => $ref?.replace('#/$defs/', ''));
    expect(events).toEqual([...Object.keys(factSamples), ...Object.keys(commandSamples)]);
    expect(definedEvents).toEqual(events);
    expect(definedEvents.map((event) => property(event, 'event').const)).toEqual(events);
  });

  test('its states are the tags', () => {
    expect(definition('profileState').enum).toEqual(profileTags);
    expect(definition('sessionState').enum).toEqual(sessionTags);
    expect(definition('phase').enum).toEqual(sessionPhases);
    expect(Object.keys(property('session.started', 'phases').properties ?? {})).toEqual(sessionPhases);
  });

  test('its failure codes are those of the table, and every exit code is known', () => {
    expect(definition('failureCode').enum).toEqual(Object.keys(failureTable));
    const exits = Object.values(failureTable).map(({ exit }) => exit);
    expect(property('command.failed', 'exitCode').enum).toEqual(expect.arrayContaining(exits));
  });

  test('its other words are those of the types', () => {
    expect(words(definition('by'))).toEqual(authors);
    expect(words(definition('kind'))).toEqual(kinds);
    expect(words(definition('cache'))).toEqual(caches);
    expect(words(definition('tunnel'))).toEqual(tunnels);
    expect(property('proxy.exited', 'how').enum).toEqual(proxyEnds);
    expect(words(property('reap.ended', 'kind'))).toEqual(leftovers);
    expect(words(property('reap.ended', 'outcome'))).toEqual(fates);
    expect(words(property('cache.refreshed', 'source'))).toEqual(sources);
    expect(words(property('reportEntry', 'kind'))).toEqual(resources);
    expect(words(property('reportEntry', 'outcome'))).toEqual(outcomes);
  });
});

/** The fields of a type, those that may be missing too: the compiler refuses one that is left out or unknown. */
const fieldsOf = <Type>(fields: { readonly [Field in keyof Required<Type>]: true }) =>
  sorted(Object.keys(fields));

type Optional<Type> = { [Field in keyof Type]-?: undefined extends Type[Field] ? Field : never }[keyof Type];
/** What a fact may be without: the compiler refuses a field that is left out, and one that is always there. */
const mayMiss: { readonly [Type in FactType]: Readonly<Record<Optional<GuardianEventOf<Type>>, true>> } = {
  'guardian.started': {},
  'guardian.terminating': {},
  'guardian.terminated': {},
  'profile.connecting': {},
  'profile.connected': {},
  'profile.degraded': {},
  'profile.recovered': {},
  'profile.lost': {},
  'profile.failed': {},
  'profile.disconnected': {},
  'cache.refreshed': {},
  'cache.failed': {},
  'session.registered': {},
  'session.progress': { session: true },
  'session.started': { tookMs: true, phases: true },
  'session.resumed': {},
  'session.recovering': {},
  'session.suspended': { failure: true },
  'session.terminated': {},
  'session.failed': { session: true },
  'tunnel.opened': {},
  'tunnel.stalled': {},
  'tunnel.closed': {},
  'tunnel.failed': {},
  'proxy.started': {},
  'proxy.stalled': {},
  'proxy.exited': { failure: true },
  'reap.ended': { profile: true, failure: true },
};

describe('the schema has the fields of the types', () => {
  test('a failure and an entry of the report', () => {
    const failure = fieldsOf<Failure>({ code: true, message: true, retryable: true });
    expect(sorted(Object.keys(definition('failure').properties ?? {}))).toEqual(failure);
    const entry = fieldsOf<ReportEntry>({ kind: true, id: true, outcome: true, tookMs: true, failure: true });
    expect(sorted(Object.keys(definition('reportEntry').properties ?? {}))).toEqual(entry);
  });

  test.each(samples)('%s', (event, line) => {
    const { properties = {} } = definition(event);
    expect(sorted(Object.keys(properties))).toEqual(sorted(Object.keys(line)));
    expect(Object.keys(properties).slice(0, 3)).toEqual(['v', 'time', 'event']);
  });

  test.each(Object.entries(mayMiss))(
    'of %s only those may be missing that the type lets be',
    (event, fields) => {
      const { properties = {}, required = [] } = definition(event);
      const always = Object.keys(properties).filter((field) => !(field in fields));
      expect(required).toEqual(always);
    },
  );
});

describe('the schema', () => {
  /** A schema and all within it, each with its path. */
  function* within(schema: Schema, path: string): Generator<readonly [path: string, schema: Schema]> {
    yield [path, schema];
    for (const [name, part] of Object.entries(schema.properties ?? {}))
      yield* within(part, `${path}.${name}`);
    for (const [at, part] of (schema.oneOf ?? []).entries()) yield* within(part, `${path}[${at}]`);
    if (schema.items) yield* within(schema.items, `${path}[]`);
  }
  const everything = Object.entries(eventSchema.$defs).flatMap(([name, part]) => [...within(part, name)]);
  const describes = (schema: Schema): string =>
    schema.description ??
    (schema.$ref ? definition(schema.$ref.replace('#/$defs/', '')).description : '') ??
    '';

  test('is closed: no object takes a field it does not name', () => {
    const open = everything.filter(([, part]) => part.properties && part.additionalProperties !== false);
    expect(open.map(([path]) => path)).toEqual([]);
  });

  test('describes every field, and says in what it is measured', () => {
    const fields = everything.flatMap(([path, { properties = {} }]) =>
      Object.entries(properties).map(([name, part]) => ({ path: `${path}.${name}`, name, part })),
    );
    const silent = fields.filter(({ part }) => part.const === undefined && describes(part) === '');
    expect(silent.map(({ path }) => path)).toEqual([]);
    const unit = (name: string) =>
      name.endsWith('Ms') ? /millisecond/i : name.endsWith('Seconds') ? /second/i : /./;
    const vague = fields.filter(({ name, part }) => !unit(name).test(describes(part) || '-'));
    expect(vague.map(({ path }) => path)).toEqual([]);
  });
});
