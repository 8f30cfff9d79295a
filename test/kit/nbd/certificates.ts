import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A pair for a server, as files in a folder in the way that nbdkit and QEMU look for them, and as text. */
export interface Pair {
  readonly folder: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes an authority of its own and a server certificate for a name, that is valid for so many days; -1 for one that has expired. */
export async function makePair(parent: string, label: string, name: string, days = 10): Promise<Pair> {
  const folder = join(parent, label);
  await mkdir(folder, { recursive: true });
  const file = (base: string): string => join(folder, base);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  const newKey = ['req', '-newkey', 'rsa:2048', '-nodes'];
  openssl(
    ...newKey,
    '-x509',
    '-keyout',
    file('ca-key.pem'),
    '-out',
    file('ca-cert.pem'),
    '-days',
    '10',
    '-subj',
    `/CN=ca ${label}`,
  );
  openssl(...newKey, '-keyout', file('server-key.pem'), '-out', file('request.pem'), '-subj', `/CN=${name}`);
  const kind = /^[\d.]+$/.test(name) ? 'IP' : 'DNS';
  await writeFile(file('names'), `subjectAltName=${kind}:${name}\n`);
  const by = ['-CA', file('ca-cert.pem'), '-CAkey', file('ca-key.pem'), '-CAcreateserial', '-extfile', file('names')];
  openssl('x509', '-req', '-in', file('request.pem'), '-out', file('server-cert.pem'), '-days', String(days), ...by);
  const text = (base: string): Promise<string> => readFile(file(base), 'utf8');
  return {
    folder,
    ca: await text('ca-cert.pem'),
    cert: await text('server-cert.pem'),
    key: await text('server-key.pem'),
  };
}
