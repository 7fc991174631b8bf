import { at } from './dom.js';

export const tabNames = ['timeline', 'sequence', 'sessions'] as const;
export type TabName = (typeof tabNames)[number];

/** One of the views below at a time; arrow keys go from one to the next. */
export class Tabs {
  current: TabName = 'timeline';
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
    for (const name of tabNames) {
      const tab = at(`tab-${name}`, HTMLButtonElement);
      tab.addEventListener('click', () => this.open(name));
      tab.addEventListener('keydown', ({ key }) => {
        const way = { ArrowRight: 1, ArrowLeft: -1 }[key];
        const next = tabNames[(tabNames.indexOf(name) + (way ?? 0) + tabNames.length) % tabNames.length];
        if (way === undefined || next === undefined) return;
        this.open(next);
        at(`tab-${next}`, HTMLButtonElement).focus();
      });
    }
    const grow = at('grow', HTMLButtonElement);
    grow.addEventListener('click', () => {
      const isBig = document.body.classList.toggle('big-panel');
      grow.setAttribute('aria-pressed', String(isBig));
      changed();
    });
    this.open('timeline');
  }

  open(name: TabName): void {
    this.current = name;
    document.body.dataset.tab = name;
    for (const each of tabNames) {
      const tab = at(`tab-${each}`, HTMLButtonElement);
      tab.setAttribute('aria-selected', String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
      at(`panel-${each}`, HTMLElement).hidden = each !== name;
    }
    this.#changed();
  }
}
