import type { Edge } from '../../src/inspection/feed.js';
import { svgSpace } from './dom.js';
import { pathsOf } from './words.js';

/** All that a picture of a chart needs. Anything else in the file is left out, whatever it is. */
const elements = new Set(
  'svg g path polygon polyline ellipse circle rect line text tspan title defs marker desc'.split(' '),
);
const attributes = new Set(
  (
    'class d points x y x1 y1 x2 y2 cx cy r rx ry dx dy width height viewBox transform text-anchor font-size ' +
    'font-weight font-style font-family fill stroke stroke-width stroke-dasharray stroke-linejoin opacity id markerWidth ' +
    'markerHeight refX refY orient marker-end preserveAspectRatio dominant-baseline ' +
    'data-state data-source data-event data-target data-guard data-kind'
  ).split(' '),
);

function copy(element: Element): Element | undefined {
  if (element.namespaceURI !== svgSpace || !elements.has(element.localName)) return undefined;
  const made = document.createElementNS(svgSpace, element.localName);
  for (const { name, value } of element.attributes) {
    if (attributes.has(name) && !/url\(\s*['"]?(?!#)/i.test(value)) made.setAttribute(name, value);
  }
  for (const child of element.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) made.append(child.nodeValue ?? '');
    else if (child instanceof Element) {
      const below = copy(child);
      if (below) made.append(below);
    }
  }
  return made;
}

/** Its colours come from the page; merely reading a style would be a breach of the page's policy. */
const unstyled = (text: string) => text.replace(/<style[\s\S]*?<\/style>/g, '');

const known = new Map<string, Promise<Element | undefined>>();

async function load(chart: string): Promise<Element | undefined> {
  if (chart === '') return undefined;
  const response = await fetch(`/diagrams/${encodeURIComponent(chart)}.svg`).catch(() => undefined);
  if (!response?.ok) return undefined;
  const parsed = new DOMParser().parseFromString(unstyled(await response.text()), 'image/svg+xml');
  return copy(parsed.documentElement);
}

/** The picture of a chart, with the states that are active lit and the last transition traced. */
export class Diagram {
  readonly #box: HTMLElement;
  #chart = '';
  #picture: Element | undefined;
  #lit = '';
  #wanted: { readonly value: unknown; readonly edges: readonly Edge[] } = { value: null, edges: [] };

  constructor(box: HTMLElement) {
    this.#box = box;
  }

  /** `chart` is empty for an actor that has none. */
  show(chart: string, value: unknown, edges: readonly Edge[]): void {
    this.#wanted = { value, edges };
    if (chart === this.#chart) {
      this.#light();
      return;
    }
    this.#chart = chart;
    this.#picture = undefined;
    this.#box.replaceChildren();
    const loading = known.get(chart) ?? load(chart);
    known.set(chart, loading);
    void loading.then((picture) => {
      if (this.#chart !== chart) return;
      this.#box.hidden = picture === undefined;
      if (picture === undefined) return;
      this.#picture = picture;
      this.#lit = '';
      this.#box.replaceChildren(picture);
      this.#light();
    });
  }

  #light(): void {
    const { value, edges } = this.#wanted;
    const key = JSON.stringify([value, edges]);
    if (this.#picture === undefined || key === this.#lit) return;
    this.#lit = key;
    const active = new Set(pathsOf(value));
    let innermost: Element | undefined;
    for (const state of this.#picture.querySelectorAll('[data-state]')) {
      const isActive = active.has(state.getAttribute('data-state') ?? '');
      state.classList.toggle('active', isActive);
      if (isActive) innermost = state;
    }
    const taken = new Set(edges.map(({ source, event, target }) => `${source} ${event} ${target}`));
    for (const edge of this.#picture.querySelectorAll('[data-source]')) {
      const [source, event, target] = ['source', 'event', 'target'].map((name) =>
        edge.getAttribute(`data-${name}`),
      );
      edge.classList.toggle('taken', taken.has(`${source} ${event} ${target}`));
    }
    if (innermost) this.#reveal(innermost);
  }

  #reveal(state: Element): void {
    const [box, seen] = [this.#box.getBoundingClientRect(), state.getBoundingClientRect()];
    if (seen.left < box.left || seen.right > box.right)
      this.#box.scrollLeft += seen.left + seen.width / 2 - (box.left + box.width / 2);
    if (seen.top < box.top || seen.bottom > box.bottom)
      this.#box.scrollTop += seen.top + seen.height / 2 - (box.top + box.height / 2);
  }
}
