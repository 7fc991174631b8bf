import type { Outcome } from '../../machines/ports.js';
import { failed, lastWords } from './complaint.js';
import { parseFramed } from './framing.js';
import type { ExamineRequest } from './request.js';
import { framedScript } from './script.js';

/** What a server says of itself beyond its features. */
export interface Examined {
  /** Its clock, in seconds since 1970. Absent: it was not told. */
  readonly clockSeconds?: number;
  /** How many sessions the user may have, suspended ones included; `reached`: as many as there are. Absent: it was not told. */
  readonly sessionLimit?: number | 'none' | 'reached';
  /** Whether the user may mount folders. `denied`: the device is there, for others. */
  readonly fuse: 'ready' | 'denied' | 'missing';
  /** Which of the programs that mount folders are there. */
  readonly programs: readonly string[];
}

/** `fusermount3` is the one of fuse3. */
const programs = ['sshfs', 'fusermount', 'fusermount3'] as const;

export function examineScript(request: ExamineRequest, seconds: number): string {
  const body = `date -u +%s; say clock $?
limit=$(x2gosessionlimit </dev/null); code=$?; printf "%s" "$limit"; say limit "$code"
device=missing; if [ -e /dev/fuse ]; then device=denied; fi
if [ -r /dev/fuse ] && [ -w /dev/fuse ]; then device=ready; fi
printf "%s" "$device"; say fuse 0
for program in ${programs.join(' ')}; do if command -v "$program" >/dev/null; then echo "$program"; fi; done; say programs 0
`;
  return framedScript(request, body, seconds);
}

/** What is not understood is not told. */
export function readExamined(request: ExamineRequest, text: string, complaint: string): Outcome<Examined> {
  const framed = parseFramed(request.marker, text);
  if (!framed.ok)
    return failed('command.garbled', `The examination said nothing of use: ${lastWords(complaint)}`);
  const told = (name: string) => {
    const section = framed.sections.find((one) => one.name === name);
    return section?.code === 0 ? section.body.trim() : undefined;
  };
  const clock = told('clock');
  const limit = limitFrom(told('limit'));
  const fuse = told('fuse');
  const there = (told('programs') ?? '').split('\n');
  return {
    ok: true,
    value: {
      ...(clock !== undefined && /^[0-9]{1,11}$/.test(clock) ? { clockSeconds: Number(clock) } : {}),
      ...(limit === undefined ? {} : { sessionLimit: limit }),
      fuse: fuse === 'ready' || fuse === 'denied' ? fuse : 'missing',
      programs: programs.filter((name) => there.includes(name)),
    },
  };
}

/** PROTOCOL 2.3: nothing and 0 mean that there is none. */
function limitFrom(text: string | undefined): Examined['sessionLimit'] {
  if (text === '' || text === '0') return 'none';
  if (text === 'LIMIT') return 'reached';
  return text !== undefined && /^[0-9]{1,6}$/.test(text) ? Number(text) : undefined;
}
