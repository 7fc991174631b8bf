import type { SkippedRow } from '../../machines/vocabulary.js';
import { readRows } from './rows.js';

const grammar = /^([a-z0-9-]+): ([0-9][0-9A-Za-z.+~-]*)$/;

/**
 * The output of x2goversion, by component. The record has no prototype: a server may name a component
 * `constructor`, and looking one up that it did not name finds nothing.
 */
export function parseVersions(text: string): { versions: Record<string, string>; skipped: SkippedRow[] } {
  const versions: Record<string, string> = Object.create(null);
  const { skipped } = readRows(text, (line) => {
    const [, component, version] = grammar.exec(line) ?? [];
    if (component === undefined || version === undefined) return 'expected component: version';
    if (component in versions) return 'component was already listed';
    versions[component] = version;
    return { component };
  });
  return { versions, skipped };
}
