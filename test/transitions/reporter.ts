/** At the end of a whole run: a table of what the actors of all test files took of each chart. Less than everything fails it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { type Seen, tableOf } from './table.js';

export default class TransitionTable implements Reporter {
  #vitest: Vitest | undefined;
  #folder = '';

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  /** Each run of a watching vitest has its own. */
  onTestRunStart(): void {
    this.#folder = mkdtempSync(join(tmpdir(), 'transitions-'));
    process.env.TRANSITIONS_FOLDER = this.#folder;
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const runs = readdirSync(this.#folder).map(
      (name): Seen => JSON.parse(readFileSync(join(this.#folder, name), 'utf8')),
    );
    rmSync(this.#folder, { recursive: true });
    if (!(await this.#isWhole(modules)) && !process.env.TRANSITIONS) return;
    const { text, missing } = tableOf(runs);
    console.log(`\n${text}\n`);
    if (missing > 0) process.exitCode = 1;
  }

  /** A part of the tests need not take everything. */
  async #isWhole(modules: readonly TestModule[]): Promise<boolean> {
    if (this.#vitest === undefined || this.#vitest.config.testNamePattern) return false;
    const all = await this.#vitest.globTestSpecifications();
    return modules.length === all.length;
  }
}
