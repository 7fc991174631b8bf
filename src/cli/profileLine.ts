import type { ProfileTag } from '../../machines/vocabulary.js';
import { clean } from '../protocol/text.js';
import { ageText } from './ages.js';
import type { ProfileRow } from './board.js';
import type { Colour, Style } from './style.js';
import { placeOf } from './target.js';
import { shorten, widthOf } from './width.js';

interface Look {
  readonly mark: readonly [unicode: string, ascii: string];
  readonly colour: Colour;
  readonly word: string;
}
const looks: Readonly<Record<ProfileTag, Look>> = {
  disconnected: { mark: ['○', 'o'], colour: 'dim', word: 'disconnected' },
  connecting: { mark: ['◌', '.'], colour: 'cyan', word: 'connecting' },
  connected: { mark: ['●', '*'], colour: 'green', word: 'connected' },
  degraded: { mark: ['◐', '~'], colour: 'yellow', word: 'degraded' },
  lost: { mark: ['○', 'o'], colour: 'yellow', word: 'lost' },
  waitingToRetry: { mark: ['○', 'o'], colour: 'yellow', word: 'lost' },
  failed: { mark: ['✗', 'x'], colour: 'red', word: 'failed' },
  terminating: { mark: ['◌', '.'], colour: 'dim', word: 'ending' },
  terminated: { mark: ['○', 'o'], colour: 'dim', word: 'ended' },
};

/** A profile's line: mark, name, state, and what is worth knowing in this state. At most `width` columns. */
export function profileLine(
  row: ProfileRow,
  shown: number,
  now: number,
  width: number,
  style: Style,
): string {
  const { mark, colour, word } = looks[row.state];
  const head = `${style.unicode ? mark[0] : mark[1]} `;
  const state = `  ${word}`;
  const name = shorten(clean(row.profile.id), Math.max(4, width - widthOf(head + state)), style.mark);
  const room = width - widthOf(head + name + state) - 2;
  const detail = room < 4 ? '' : `  ${shorten(detailOf(row, shown, now), room, style.mark)}`;
  const text = style.paint(colour, head) + style.paint('bold', name) + style.paint(colour, state);
  return widthOf(head + name + state) > width
    ? shorten(head + name + state, width, style.mark)
    : text + (row.state === 'connected' ? style.paint('dim', detail) : detail).trimEnd();
}

function detailOf(row: ProfileRow, shown: number, now: number): string {
  const { profile, state, since, attempt, retryAt, failure } = row;
  const message = failure === undefined ? '' : clean(failure.message);
  const forSeconds = ageText((now - since) / 1_000);
  switch (state) {
    case 'connected': {
      const place = clean(`${profile.user}@${placeOf(profile.host, profile.port)}`);
      return [`for ${forSeconds}`, sessionsText(row, shown), ...(place === profile.id ? [] : [place])].join(
        ', ',
      );
    }
    case 'degraded':
      return `nothing heard, for ${forSeconds} now`;
    case 'connecting':
      return [attempt > 1 ? `attempt ${attempt}` : '', message].filter(Boolean).join(': ');
    case 'lost':
    case 'waitingToRetry': {
      const left = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1_000));
      return `attempt ${attempt + 1} in ${left}s: ${message}`;
    }
    case 'failed':
      return message;
    default:
      return '';
  }
}

function sessionsText({ sessions }: ProfileRow, shown: number): string {
  const hidden = sessions.size - shown;
  const count = sessions.size === 1 ? '1 session' : `${sessions.size || 'no'} sessions`;
  return hidden > 0 ? `${count} (${hidden} not shown)` : count;
}
