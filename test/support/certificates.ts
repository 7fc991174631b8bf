import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificates {
  readonly folder: string;
  /** Of an authority that nobody knows. */
  readonly ca: string;
  readonly caFile: string;
  readonly key: string;
  readonly cert: string;
  readonly keyFile: string;
  readonly certFile: string;
  [Symbol.dispose](): void;
}

/** A private authority, and a certificate of its for `subject` (as openssl says it: `IP:127.0.0.1`, `DNS:example.org`). */
export function makeCertificates(subject = 'IP:127.0.0.1', days = 2): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...fresh,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=Test CA',
  );
  openssl('req', ...fresh, '-keyout', at('key.pem'), '-out', at('csr.pem'), '-subj', '/CN=broker');
  writeFileSync(at('ext'), `subjectAltName=${subject}\n`);
  const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('ext')];
  openssl('x509', '-req', '-in', at('csr.pem'), ...signed, '-out', at('cert.pem'), '-days', String(days));
  const read = (name: string) => readFileSync(at(name), 'utf8');
  return {
    folder,
    ca: read('ca.pem'),
    caFile: at('ca.pem'),
    key: read('key.pem'),
    cert: read('cert.pem'),
    keyFile: at('key.pem'),
    certFile: at('cert.pem'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
