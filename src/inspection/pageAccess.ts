import type { IncomingMessage } from 'node:http';
import { isCalled, isSame, namesOf, newToken } from './loopback.js';

/** Who asks is not let in, and why; it is told to them. */
export interface Refusal {
  readonly status: 403 | 405;
  readonly reason: string;
}

const whatToDo = 'Open the address that `x2go-guardian inspect` prints';
const refuse = (reason: string): Refusal => ({ status: 403, reason });

/** Who may see the page of one server: whoever has its token, from its own address only. */
export class PageAccess {
  readonly token: string;
  /** What the page itself has to say when it wants something done; no other page can know it. */
  readonly controlKey = newToken();
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #cookie: string;

  constructor(port: number, token: string) {
    this.token = token;
    const { hosts, origins } = namesOf(port);
    this.#hosts = hosts;
    this.#origins = origins;
    // A browser sends a cookie to every port of a host.
    this.#cookie = `x2go-guardian-${port}`;
  }

  get setCookie(): string {
    return `${this.#cookie}=${this.token}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** `offered`: a token in the address, which the first visit has. Nothing, when they may come in. */
  refusal(request: IncomingMessage, offered: string | null): Refusal | undefined {
    const { origin, cookie = '', 'x-guardian-token': header } = request.headers;
    if (!isCalled(request, this.#hosts)) return refuse('This server is not called that');
    if (origin !== undefined && !this.#origins.has(origin)) return refuse('Not for pages from elsewhere');
    const given = [offered, typeof header === 'string' ? header : null, cookieNamed(this.#cookie, cookie)];
    const known = given.filter((one) => one !== null).map((one) => isSame(one, this.token));
    if (!known.some((isRight) => isRight)) return refuse(`A token is wanted. ${whatToDo}`);
    // Another port of this machine is the same site to a browser, and its pages send our cookie.
    const site = request.headers['sec-fetch-site'];
    const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
    if (isForeign && offered === null) return refuse('Not for pages from elsewhere');
    return undefined;
  }

  /** Beyond that: whoever wants something done is our own page, for certain. */
  mayControl({ headers }: IncomingMessage): boolean {
    const key = headers['x-guardian-control'];
    const { origin = '' } = headers;
    return this.#origins.has(origin) && typeof key === 'string' && isSame(key, this.controlKey);
  }
}

function cookieNamed(name: string, header: string): string | null {
  for (const part of header.split(';')) {
    const [key = '', value = ''] = part.trim().split('=', 2);
    if (key === name) return value;
  }
  return null;
}
