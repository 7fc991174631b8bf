import type { Outcome } from '../../machines/ports.js';
import { failed, isDiskFull, lastWords } from './complaint.js';
import { parseFramed } from './framing.js';
import { type FilesRequest, writeRequestLine } from './request.js';

export interface SessionFile {
  readonly name: string;
  readonly content: Buffer;
}

const isFileName = (name: string) => /^[A-Za-z0-9._-]{1,100}$/.test(name) && !/^\.+$/.test(name);

/**
 * Puts files into the session's folder, 0600 from the first byte, each by rename. Their contents are secrets: they travel
 * on stdin alone, so that no process of the server has them in its arguments. Nothing for a name that is no file's name.
 */
export function sessionFilesScript(request: FilesRequest, files: readonly SessionFile[]): string | undefined {
  const { marker, session } = request;
  if (!files.every(({ name }) => isFileName(name))) return undefined;
  const writes = files.map(({ name, content }) => {
    const lines = content.toString('base64').replace(/.{76}/g, '$&\n');
    return `case $code in 0) rm -f ./${name}.part; { set -C; base64 -d >./${name}.part; } <<'CONTENT' && mv -f ./${name}.part ./${name} || code=1;; esac\n${lines}\nCONTENT`;
  });
  return `{ ${writeRequestLine(request)}
PATH=/usr/local/bin:/usr/bin:/bin; LC_ALL=C; export PATH LC_ALL
umask 077
printf '\\n%s begin 0\\n' ${marker}
code=0; cd "$HOME/.x2go/C-${session}" || code=2
${writes.join('\n')}
printf '\\n%s files %s\\n\\n%s end 0\\n' ${marker} "$code" ${marker}
exit
}
`;
}

export function readSessionFiles(request: FilesRequest, text: string, complaint: string): Outcome<undefined> {
  const framed = parseFramed(request.marker, text);
  const code = framed.ok ? framed.sections.find(({ name }) => name === 'files')?.code : undefined;
  if (code === 0) return { ok: true, value: undefined };
  if (code === 2) return failed('session.ended', `${request.session} has no folder on the server any more`);
  const what = isDiskFull(complaint) ? 'the disk of the server is full' : lastWords(complaint || text);
  return failed('command.failed', `The session's files could not be written: ${what}`);
}
