import type { SessionId } from '../../machines/vocabulary.js';
import { parseFramed } from './framing.js';
import type { SurveyRequest } from './request.js';
import { linesOf } from './rows.js';
import { parseSessionName } from './sessionName.js';
import { parseSessionRow } from './sessionRow.js';

export interface ListedCookies {
  /** Secrets, by session. Empty while an agent is being started. */
  readonly cookies: ReadonlyMap<SessionId, string>;
  /** Whether a session that is not among them is listed no longer: a row that was not understood may have been its. */
  readonly knowsGone: (session: SessionId) => boolean;
}

/** The cookies in the rows of a survey. They are read apart, so that no listing can carry one out. */
export function listedCookies(request: SurveyRequest, text: string): ListedCookies {
  const framed = parseFramed(request.marker, text);
  const sections = framed.ok ? framed.sections : [];
  const bodyOf = (wanted: string) => sections.find(({ name, code }) => name === wanted && code === 0)?.body;
  const cookies = new Map<SessionId, string>();
  let skipped = false;
  const sessions = bodyOf('sessions');
  const shadows = bodyOf('shadows');
  for (const line of linesOf(`${sessions ?? ''}\n${shadows ?? ''}`)) {
    const row = parseSessionRow(line);
    if (row.ok) cookies.set(row.session.session, row.cookie);
    else skipped = true;
  }
  const knowsGone = (session: SessionId) => {
    const parsed = parseSessionName(session);
    const isShadow = parsed.ok && parsed.name.kind === 'shadow';
    return !skipped && (isShadow ? shadows : sessions) !== undefined && !cookies.has(session);
  };
  return { cookies, knowsGone };
}
