import { expect } from 'vitest';
import { aProfile, type Office } from './aProfile.js';
import { listed, sid } from './rows.js';
import { made } from './sessionPorts.js';

const answered = (office: Office) => {
  while (office.survey.live.length > 0) office.list([made(1)]);
  office.settled();
  office.news();
  return office;
};

export const withOurs = (setting: Parameters<typeof aProfile>[0] = {}) =>
  answered(aProfile(setting).connect().running());

export const suspendedAt = (office: Office, at: number) => {
  office.attachment.last.answer({ end: { how: 'ended' }, at });
  office.survey.last.answer(listed([made(1, { status: 'S' })], {}, at));
};

export const entry = (outcome: string, tookMs: number) =>
  expect.objectContaining({ kind: 'session', id: sid(1), outcome, tookMs });

export const finish = (office: Office) => {
  office.release.last.answer([]);
  return (office.end() as { output: unknown } | undefined)?.output;
};
