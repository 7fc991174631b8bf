export type SessionKind = 'application' | 'desktop';

export interface OtherSession {
  readonly session: string;
  readonly display: number;
  readonly cookie: string;
  readonly agentPid: number;
  readonly kind: SessionKind;
  readonly ports: { readonly graphics: number; readonly sound: number; readonly files: number };
}

/**
 * One simple command and no wrapper shell: else a later listing kills the connection it was started on. LC_ALL because
 * fish sets LC_CTYPE=en_US.UTF-8; where that locale is missing, perl's warnings get into the server's arithmetic.
 */
export function startCommand(kind: SessionKind, command: string): string {
  const name = (command.split(' ')[0] ?? '').replace(/.*\//, '').replace(/[^A-Za-z0-9._-]/g, '');
  const [geometry, type] = kind === 'desktop' ? ['800x600', 'D'] : ["''", 'R'];
  return `exec env LC_ALL=C X2GO_XINERAMA=no x2gostartagent ${geometry} lan 16m-jpeg-9 unix-kde-depth_24 us pc105/us 1 ${type} ${name} both`;
}

export function runCommand(
  { display, agentPid, session, ports, kind }: OtherSession,
  command: string,
): string {
  const text = command.replaceAll(' ', 'X2GO_SPACE_CHAR');
  const quoted = `'${text.replaceAll("'", "'\\''")}'`;
  const type = kind === 'desktop' ? 'D' : 'R';
  return `setsid x2goruncommand ${display} ${agentPid} ${session} ${ports.sound} ${quoted} none ${type} >/dev/null 2>&1 &\n`;
}

/** The seven lines of x2gostartagent. A noisy .bashrc without a final newline stands before the display number. */
export function parseStarted(kind: SessionKind, text: string): OtherSession {
  const [, cookie = '', agentPid, session = '', graphics, sound, files] = text
    .trimEnd()
    .split('\n')
    .slice(-7);
  const display = session.match(/-([0-9]{2,4})-[0-9]{9,12}_st/)?.[1];
  if (!display || !/^[0-9a-f]{32}$/i.test(cookie) || !/^[0-9]+$/.test(files ?? '')) {
    throw new Error(`x2gostartagent did not print its seven lines: ${text}`);
  }
  const ports = { graphics: Number(graphics), sound: Number(sound), files: Number(files) };
  return { session, display: Number(display), cookie, agentPid: Number(agentPid), kind, ports };
}

export function resumeCommand({ kind, session }: OtherSession): string {
  const geometry = kind === 'desktop' ? '800x600' : "''";
  return `exec env LC_ALL=C x2goresume-session ${session} ${geometry} lan 16m-jpeg-9 us pc105/us 1 both no`;
}

/** The session with the ports that x2goresume-session printed: they may be others than before. */
export function parseResumed(session: OtherSession, text: string): OtherSession {
  const port = (key: string) => Number(text.match(new RegExp(`^${key}=([0-9]+)$`, 'm'))?.[1]);
  const ports = { graphics: port('gr_port'), sound: port('sound_port'), files: port('fs_port') };
  if (!ports.graphics) throw new Error(`x2goresume-session said no graphics port: ${text}`);
  return { ...session, ports };
}
