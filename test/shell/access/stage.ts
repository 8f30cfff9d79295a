import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandResult, makeCall } from '@holdfast/api';
import type { Config } from '../../../core/config/contract.ts';
import { defaultConfig } from '../../../core/config/default-config.ts';
import type { Access, Actor, Role } from '../../../core/shell/access/contract.ts';
import { openAccess } from '../../../core/shell/access/open.ts';
import { localRoles } from '../../../core/shell/access/roles.ts';
import type { AuditEntry } from '../../../core/shell/audit/contract.ts';
import { type AuditLog, openAudit } from '../../../core/shell/audit/open.ts';
import type { ShellCommand, Site } from '../../../core/shell/contract.ts';
import type { Arguments } from '../../../core/shell/registry/argument-values.ts';
import { args, several, text } from '../../../core/shell/registry/declare.ts';
import { executeCommand } from '../../../core/shell/registry/execute.ts';
import { detailView } from '../../../core/shell/view/build.ts';
import { siteWith } from '../site.ts';

export const anna: Actor = remote('anna', 'administrator', 'approver');
export const ben: Actor = remote('ben', 'administrator', 'approver');
export const owner: Actor = { name: 'root', roles: localRoles, from: 'local', session: 'cli' };

/** Somebody who is logged in over SSH. */
export function remote(name: string, ...roles: readonly Role[]): Actor {
  return { name, roles, from: '192.0.2.7', session: `ssh-${name}` };
}

/** One installation in a folder of its own, with real approvals, a real audit log, and a clock that a test moves. */
export interface Stage extends AsyncDisposable {
  readonly folder: string;
  readonly access: Access;
  readonly audit: AuditLog;
  /** Epoch milliseconds. */
  at: number;
  approvals: Config['approvals'];
  /** Runs a command as somebody. */
  run(by: Actor, command: ShellCommand, given: Arguments, more?: Partial<Site>): Promise<CommandResult>;
  site(by: Actor, more?: Partial<Site>): Site;
  /** Entries of the audit log, oldest first. */
  entries(): Promise<readonly AuditEntry[]>;
  /** What was logged while commands ran. */
  readonly said: string[];
}

export async function makeStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-stage-'));
  const said: string[] = [];
  const now = (): number => stage.at;
  const stage: Stage = {
    folder,
    at: Date.UTC(2026, 10, 22, 12),
    approvals: { destroy: true },
    access: await openAccess({ folder: join(folder, 'data', 'access'), now }),
    audit: await openAudit({ folder: join(folder, 'data', 'audit'), now }),
    said,
    site: (by, more = {}) =>
      siteWith({
        actor: by,
        ask: null,
        now,
        folders: { config: join(folder, 'config'), data: join(folder, 'data'), cache: join(folder, 'cache') },
        config: async () => {
          const loaded = defaultConfig();
          return { ...loaded, config: { ...loaded.config, approvals: stage.approvals ?? {} } };
        },
        access: async () => stage.access,
        audit: async () => stage.audit,
        ...more,
      }),
    run: (by, command, given, more) =>
      executeCommand(stage.site(by, more), command, given, makeCall({ log: (_level, line) => void said.push(line) })),
    entries: async () => (await stage.audit.entries({ limit: 10_000 })).toReversed(),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  return stage;
}

export const done: CommandResult = { data: { done: true }, view: detailView('done', []) };

/** The command that destroys in these tests, with what it was called with. */
export function forgetting(work: (given: Arguments) => Promise<CommandResult> = async () => done): {
  readonly command: ShellCommand;
  readonly calls: Arguments[];
} {
  const calls: Arguments[] = [];
  const command: ShellCommand = {
    id: 'point.forget',
    title: 'Forget restore points',
    args: args({
      points: several('which', { 'x-value': 'POINT' }),
      machine: text('of which machine'),
      token: text('a secret', { secret: true }),
    }),
    positionals: ['points'],
    danger: 'destroy',
    load: async () => ({
      run: async (_site, given) => {
        calls.push(given);
        return work(given);
      },
    }),
  };
  return { command, calls };
}
