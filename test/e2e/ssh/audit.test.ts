import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { RunningServer } from '../../server/running-server.ts';
import { missing } from './open-ssh.ts';

const noAudit = missing('ssh-audit');
if (noAudit !== null) console.warn(`left out: the audit of algorithms: ${noAudit}`);

/** Older ones name ciphers only. */
type Finding = string | { readonly algorithm: string };

interface AuditReport {
  readonly kex: readonly Finding[];
  readonly key: readonly Finding[];
  readonly enc: readonly Finding[];
  readonly mac: readonly Finding[];
  readonly compression: readonly string[];
}

const run = (port: number, args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile('ssh-audit', [...args, '-p', String(port), '127.0.0.1'], (_error, stdout) => resolve(stdout));
  });

test.skipIf(noAudit !== null)(
  'ssh-audit finds no failure, and exactly the algorithms that were decided on',
  async () => {
    await using running = await RunningServer.start();
    const found = await run(running.port, ['-n', '-l', 'fail']);
    expect(found.split('\n').filter((line) => line.includes('[fail]'))).toEqual([]);
    const report = JSON.parse(await run(running.port, ['-j'])) as AuditReport;
    const names = (list: readonly Finding[]): string[] =>
      list.map((found) => (typeof found === 'string' ? found : found.algorithm));
    expect(names(report.kex).filter((name) => !name.startsWith('kex-strict-'))).toEqual([
      'curve25519-sha256',
      'curve25519-sha256@libssh.org',
    ]);
    expect(names(report.key)).toEqual(['ssh-ed25519']);
    expect(names(report.enc)).toEqual(['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com']);
    expect(names(report.mac)).toEqual(['hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256-etm@openssh.com']);
    expect(report.compression).toEqual(['none']);
  },
);
