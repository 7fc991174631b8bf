import { styleText } from 'node:util';
import type { Io, Output } from './io.js';

export type Colour = Parameters<typeof styleText>[0];

/** How text may look on one stream. Nothing is told by colour alone. */
export interface Style {
  paint(colour: Colour, text: string): string;
  /** Whether the terminal's character set has more than ASCII. */
  readonly unicode: boolean;
  /** What stands for something that was cut off. */
  readonly mark: string;
}

const isSet = (value: string | undefined) => value !== undefined && value !== '';

export function styleFor(stream: Pick<Output, 'isTTY'>, env: Io['env']): Style {
  const colours = stream.isTTY === true && !isSet(env.NO_COLOR) && env.TERM !== 'dumb';
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(isSet) ?? '';
  const unicode = /utf-?8/i.test(locale);
  return {
    paint: (colour, text) => (colours ? styleText(colour, text, { validateStream: false }) : text),
    unicode,
    mark: unicode ? '…' : '~',
  };
}

export const plainStyle: Style = { paint: (_, text) => text, unicode: true, mark: '…' };
