import { visible } from './words.js';

type Tag = keyof HTMLElementTagNameMap;

/** A new element. Text only ever gets in as text. */
export function make<Name extends Tag>(
  name: Name,
  className = '',
  text?: string,
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  if (text !== undefined) element.textContent = visible(text);
  return element;
}

export const svgSpace = 'http://www.w3.org/2000/svg';

export function makeSvg(
  name: string,
  attributes: Readonly<Record<string, string | number>> = {},
  text?: string,
): SVGElement {
  const element = document.createElementNS(svgSpace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = visible(text);
  return element;
}

/** An element of index.html. */
export function at<Name extends HTMLElement>(id: string, kind: new () => Name): Name {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html has no ${kind.name} called ${id}`);
}

export function setText(element: Element, text: string): void {
  const shown = visible(text);
  if (element.textContent !== shown) element.textContent = shown;
}

/** Calls back at most once a frame, however often it is asked to. */
export function onceAFrame(draw: () => void): () => void {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      draw();
    });
  };
}
