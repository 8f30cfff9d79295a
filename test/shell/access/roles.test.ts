import { describe, expect, it } from 'vitest';
import type { Role } from '../../../core/shell/access/contract.ts';
import { allRoles } from '../../../core/shell/access/role-table.ts';
import { mayRun, needsApproval, rolesFor, roleTable } from '../../../core/shell/access/roles.ts';
import { builtInCommands } from '../../../core/shell/commands/all.ts';
import type { ShellCommand } from '../../../core/shell/contract.ts';
import { args, names, text } from '../../../core/shell/registry/declare.ts';
import { frontDeclarations } from '../../../core/shell/registry/front-commands.ts';
import { done, makeStage, owner, remote } from './stage.ts';

const load: ShellCommand['load'] = async () => ({ run: async () => done });
const commands: readonly ShellCommand[] = [...builtInCommands, ...frontDeclarations.map((one) => ({ ...one, load }))];
const dangerOf = new Map(commands.map(({ id, danger }) => [id, danger]));

/** Commands that a role may run. */
const of = (role: Role): readonly ShellCommand[] => commands.filter((one) => mayRun(remote('x', role), one));

describe('the table of roles', () => {
  it('has a row for every command of Holdfast', () => {
    expect(commands.filter(({ id }) => !Object.hasOwn(roleTable, id)).map(({ id }) => id)).toEqual([]);
  });

  it('has no row for a command that is not there', () => {
    expect(Object.keys(roleTable).filter((id) => !dangerOf.has(id))).toEqual([]);
  });

  it('lets somebody run every command, and nobody without a role any', () => {
    for (const command of commands) {
      expect(rolesFor(command), command.id).not.toEqual([]);
      expect(mayRun(remote('nobody'), command), command.id).toBe(false);
    }
  });

  it('lets those who look, look into it, and agree change nothing but approvals', () => {
    for (const role of ['viewer', 'auditor', 'approver'] as const) {
      const changing = of(role).filter(({ danger }) => danger !== 'read');
      expect(changing.map(({ id }) => id)).toEqual(role === 'approver' ? ['approval.grant', 'approval.deny'] : []);
    }
  });

  it('lets only administrators destroy, hand out power, trust plugins and end sessions', () => {
    const guarded = commands.filter(
      (one) =>
        needsApproval(one) || /^(user\.(add|role|remove|totp)|plugin\.(add|trust)|session\.end|serve)$/.test(one.id),
    );
    expect(guarded.length).toBeGreaterThan(10);
    for (const command of guarded) expect(rolesFor(command), command.id).toEqual(['administrator']);
  });

  it('lets only those agree who cannot do it alone: no administrator by being one', () => {
    expect(rolesFor({ id: 'approval.grant', danger: 'change' })).toEqual(['approver']);
    expect(rolesFor({ id: 'approval.deny', danger: 'change' })).toEqual(['approver']);
  });

  it('keeps the bytes of machines from those who may only look', () => {
    for (const id of ['point.export', 'restore.machine', 'point.verify']) {
      expect(rolesFor({ id, danger: 'read' }), id).toEqual(['operator', 'administrator']);
    }
  });

  it('shows who did what to administrators and auditors only', () => {
    const audit = commands.filter(({ id }) => id.startsWith('audit.'));
    expect(audit.length).toBe(5);
    for (const command of audit) expect(rolesFor(command), command.id).toEqual(['administrator', 'auditor']);
  });

  it('goes by danger for what plugins contribute, also under the name of a command of Holdfast', () => {
    const contributed = (danger: 'read' | 'change' | 'destroy') =>
      rolesFor({ id: 'machine.list', danger, plugin: 'x' });
    expect(contributed('read')).toEqual(['operator', 'administrator', 'auditor']);
    expect(contributed('change')).toEqual(['operator', 'administrator']);
    expect(contributed('destroy')).toEqual(['administrator']);
  });

  it('gives a command that nobody thought of to nobody, and no name reaches into the prototype', () => {
    for (const id of ['no.such', 'constructor', '__proto__', 'toString']) {
      expect(mayRun(owner, { id, danger: 'read' }), id).toBe(false);
    }
  });

  it('lets the owner of the data folder run everything at the local console', () => {
    expect(commands.filter((one) => !mayRun(owner, one)).map(({ id }) => id)).toEqual([]);
  });
});

describe('every role with every command', () => {
  it.each(allRoles)(
    '%s runs what its rows say, and is refused the rest before any of its code is loaded',
    async (role) => {
      await using stage = await makeStage();
      stage.approvals = {};
      const actor = remote('somebody', role);
      let refused = 0;
      for (const command of commands) {
        let isLoaded = false;
        const probe: ShellCommand = {
          ...command,
          args: args({}),
          load: async () => {
            isLoaded = true;
            return { run: async () => done };
          },
        };
        const outcome = await stage.run(actor, probe, {}).then(
          () => 'ran',
          (problem: { code: string }) => problem.code,
        );
        const isMine = roleTable[command.id]?.includes(role) === true;
        expect([command.id, outcome, isLoaded]).toEqual([command.id, isMine ? 'ran' : 'ACCESS_DENIED', isMine]);
        if (!isMine) refused += 1;
      }
      const denied = (await stage.entries()).filter(({ what }) => what === 'denied');
      expect(denied).toHaveLength(refused);
      for (const entry of denied) expect(entry).toMatchObject({ who: 'somebody', from: '192.0.2.7' });
    },
  );
});

describe('files of the machine that Holdfast runs on', () => {
  const exporting: ShellCommand = {
    id: 'point.export',
    title: 'Export',
    args: args({ to: text('file', names('file', 'FILE')) }),
    danger: 'read',
    load,
  };

  it.each([
    ['an operator over SSH', remote('otto', 'operator'), '/home/holdfast/.ssh/authorized_keys', 'ACCESS_DENIED'],
    ['an operator over SSH', remote('otto', 'operator'), '-', 'ran'],
    ['an administrator over SSH', remote('anna', 'administrator'), '/srv/x.raw', 'ran'],
    ['the owner at the console', owner, '/srv/x.raw', 'ran'],
  ])('%s (%o) naming %s: %s', async (_who, actor, to, expected) => {
    await using stage = await makeStage();
    const outcome = await stage.run(actor, exporting, { to }).then(
      () => 'ran',
      (problem: { code: string }) => problem.code,
    );
    expect(outcome).toBe(expected);
    expect(await stage.entries()).toHaveLength(expected === 'ran' ? 0 : 1);
  });
});
