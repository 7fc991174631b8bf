/**
 * A bound on how soon something is noticed. On a quiet machine (LONG=1) it is held to the letter; beside other tests on
 * two busy cores the server itself is slower, and so is whoever looks.
 */
export const soon = (ms: number): number => (process.env.LONG ? ms : 2 * ms);
