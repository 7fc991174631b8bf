/**
 * Milliseconds after the call at which each step becomes visible, as measured on a real server (PROTOCOL 4 and 1.3).
 * The emulator multiplies them by its pace: 0 is at once, 1 as measured.
 */
export const paces = {
  start: { agent: 2_000, running: 4_400 },
  suspend: { suspending: 1_400, listed: 2_000, suspended: 7_300 },
  /** The line of the client that showed the session broke: nobody asked x2gosuspend-session. */
  abandon: { suspended: 300 },
  resume: { resuming: 2_000, running: 3_500 },
  takeOver: { suspending: 1_400, suspended: 7_300, resuming: 9_500, running: 10_500 },
  terminate: { terminating: 1_000, unlisted: 1_400, terminated: 1_800 },
  endApplication: { terminated: 1_000, folderGone: 9_800 },
  /** How long the commands themselves take. */
  commands: { 'x2gosuspend-session': 1_900, 'x2goterminate-session': 1_400 },
} as const;
