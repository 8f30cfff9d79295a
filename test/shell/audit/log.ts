import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor } from '../../../core/shell/access/contract.ts';
import { type AuditLog, openAudit } from '../../../core/shell/audit/open.ts';

export const anna: Actor = { name: 'anna', roles: ['administrator'], from: '192.0.2.7', session: 'ssh-1' };

/** An audit log in a folder of its own, with a clock that a test moves. */
export interface Kept extends AsyncDisposable {
  readonly folder: string;
  readonly audit: AuditLog;
  /** Epoch milliseconds. */
  at: number;
  /** As another process would open it. */
  again(): Promise<AuditLog>;
  read(file: 'log' | 'checkpoints' | 'key.pem'): Promise<Buffer>;
  write(file: 'log' | 'checkpoints' | 'key.pem', bytes: string | Uint8Array): Promise<void>;
}

export async function keptLog(entries = 0): Promise<Kept> {
  const root = await mkdtemp(join(tmpdir(), 'holdfast-audit-'));
  const folder = join(root, 'audit');
  const now = (): number => kept.at;
  const kept: Kept = {
    folder,
    at: Date.UTC(2026, 10, 22, 12),
    audit: await openAudit({ folder, now }),
    again: () => openAudit({ folder, now }),
    read: (file) => readFile(join(folder, file)),
    write: (file, bytes) => writeFile(join(folder, file), bytes, { mode: 0o600 }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
  for (let index = 1; index <= entries; index++) {
    await kept.audit.append(anna, index % 3 === 0 ? 'command.end' : 'command.begin', { command: 'protect', index });
  }
  return kept;
}
