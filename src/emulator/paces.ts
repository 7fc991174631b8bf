/**
 * Milliseconds after the call at which each step becomes visible, as measured on a real server (PROTOCOL 4 and 1.3).
 * The emulator multiplies them by its pace: 0 is at once, 1 as measured.
 */
export const paces = {
  start: { agent: 2_000, running: 4_400 },
  suspend: { suspending: 1_400, listed: 2_000, suspended: 7_300 },
  /** A viewer has come, and has gone. */
  attach: { up: 100, running: 1_000 },
  detach: { suspended: 700 },
  /** The line of the client that showed the session broke: nobody asked x2gosuspend-session. */
  abandon: { suspended: 300 },
  resume: { resuming: 2_000, running: 3_500 },
  takeOver: { suspending: 1_400, hungUp: 4_500, suspended: 7_300, resuming: 9_500, running: 10_500 },
  terminate: { terminating: 1_000, hungUp: 1_200, unlisted: 1_400, terminated: 1_800 },
  endApplication: { terminated: 1_000, folderGone: 9_800 },
  /** How long the commands themselves take. */
  commands: {
    x2gostartagent: 3_400,
    'x2goresume-session': 3_000,
    /** When it must suspend the session first. */
    takeOver: 10_000,
    'x2gosuspend-session': 1_900,
    'x2goterminate-session': 1_400,
    x2goruncommand: 20,
  },
} as const;

/** How long an agent waits for its viewer (PROTOCOL T27, T27b), whatever the pace. */
export const agentPatienceMs = 60_000;
