import { createRequire } from 'node:module';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** The parts of a JSON schema that ours is made of. */
export interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | Schema;
}

export interface EventSchema extends Schema {
  readonly $id: string;
  readonly oneOf: readonly Schema[];
  readonly $defs: Readonly<Record<string, Schema>>;
}

/** As an app gets it. */
export const eventSchema = createRequire(import.meta.url)('x2go-guardian/schema/event.json') as EventSchema;

const ajv = new Ajv2020({ strict: true, allErrors: true });
const isEvent = ajv.compile(eventSchema);

export const definition = (name: string): Schema => {
  const found = eventSchema.$defs[name];
  if (found === undefined) throw new Error(`the schema has no definition of ${name}`);
  return found;
};

/** The definitions of events have a dot in their names. */
export const definedEvents = Object.keys(eventSchema.$defs).filter((name) => name.includes('.'));

/** What is wrong with a line, by the definition of its event: oneOf itself only tells that no other one fits. */
export function complaints(line: object): readonly string[] {
  if (isEvent(line)) return [];
  const event = 'event' in line ? String(line.event) : '';
  const isThis = definedEvents.includes(event) && ajv.getSchema(`${eventSchema.$id}#/$defs/${event}`);
  if (!isThis || isThis(line)) return [`${event || 'a line without an event'} is no event of the schema`];
  return (isThis.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = 'additionalProperty' in params ? ` (${params.additionalProperty})` : '';
    return `${event}${instancePath} ${message}${extra}`;
  });
}
