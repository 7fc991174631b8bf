import { createRequire } from 'node:module';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** As an app gets them. */
const published = createRequire(import.meta.url);
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
for (const name of ['event', 'tree', 'feed']) ajv.addSchema(published(`x2go-guardian/schema/${name}.json`));

/** What is wrong by one definition: oneOf itself only tells that no other one fits. */
function complaintsBy(reference: string, value: unknown): readonly string[] {
  const validate = ajv.getSchema(reference);
  if (validate === undefined) return [`${reference} is not defined`];
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = 'additionalProperty' in params ? ` (${params.additionalProperty})` : '';
    return `${instancePath} ${message}${extra}`;
  });
}

export const treeComplaints = (tree: unknown): readonly string[] =>
  complaintsBy('urn:x2go-guardian:schema:tree:1', tree);

export const feedComplaints = (line: { readonly t: string }): readonly string[] => [
  ...complaintsBy(`urn:x2go-guardian:schema:feed:1#/$defs/${line.t}`, line),
  ...(ajv.validate('urn:x2go-guardian:schema:feed:1', line) ? [] : ['it is none of the lines']),
];
