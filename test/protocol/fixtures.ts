import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../fixtures/', import.meta.url);

export const fixture = (name: string) => readFileSync(new URL(name, folder), 'utf8');

/** Every captured text, by name. */
export const everyFixture = () =>
  readdirSync(folder)
    .filter((name) => /\.(?:txt|log)$/.test(name))
    .map((name) => [name, fixture(name)] as const);
