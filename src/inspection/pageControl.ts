import type { IncomingMessage } from 'node:http';

export const controlVerbs = ['suspend', 'resume', 'terminate'] as const;
export type ControlVerb = (typeof controlVerbs)[number];

/** What somebody who looks at the page wants done to a session. */
export interface ControlRequest {
  readonly verb: ControlVerb;
  readonly profile: string;
  readonly session: string;
}

const longestBody = 4_096;

/** Undefined for what is none. */
export function parseControl(text: string): ControlRequest | undefined {
  try {
    const { verb, profile, session } = JSON.parse(text) as Record<string, unknown>;
    const known = controlVerbs.find((one) => one === verb);
    if (known === undefined || typeof profile !== 'string' || typeof session !== 'string') return undefined;
    return { verb: known, profile, session };
  } catch {
    return undefined;
  }
}

/** The body of a request; undefined when it is too long, or the sender went away. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      length += (chunk as Buffer).length;
      if (length > longestBody) return undefined;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}
