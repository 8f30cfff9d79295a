import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandResult } from '@holdfast/api';
import { afterAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../../core/shell/access/contract.ts';
import { totpCode, totpMatches } from '../../../core/shell/access/totp.ts';
import { builtInCommands } from '../../../core/shell/commands/all.ts';
import { findCommand, readWords } from '../../../core/shell/commands/approval/read-words.ts';
import { readKeys } from '../../../core/shell/commands/user/keys.ts';
import type { ShellCommand, Site } from '../../../core/shell/contract.ts';
import type { OpenSession } from '../../../core/shell/desk/sessions.ts';
import type { Arguments } from '../../../core/shell/registry/argument-values.ts';
import { askLine } from '../../../core/shell/registry/ask-line.ts';
import { anna, ben, forgetting, makeStage, owner, remote, type Stage } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-user-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
function keyFile(): string {
  const file = join(folder, `key-${++made}`);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `key ${made}`, '-f', file]);
  return `${file}.pub`;
}

const commandOf = (id: string): ShellCommand => {
  const command = builtInCommands.find((one) => one.id === id);
  if (command === undefined) throw new Error(`no command ${id}`);
  return command;
};

const run = (stage: Stage, by: Actor, id: string, given: Arguments, more: Partial<Site> = {}): Promise<CommandResult> =>
  stage.run(by, commandOf(id), given, {
    commands: async () => [...builtInCommands.filter((one) => one.id !== 'point.forget'), forgetting().command],
    configOptions: async () => ({ env: { HOLDFAST_SEAL_PASSPHRASE: 'x' } }) as never,
    ...more,
  });

describe('users', () => {
  it('are added with a key from a file or as text, shown, given other roles, and removed', async () => {
    await using stage = await makeStage();
    stage.approvals = {};
    const file = keyFile();
    const second = readFileSync(keyFile(), 'utf8');
    const dry = await run(stage, owner, 'user.add', { name: 'carl', key: [file], role: ['viewer'], dryRun: true });
    expect(dry.data).toMatchObject({ dryRun: true, user: { name: 'carl' } });
    expect(await stage.access.users()).toEqual([]);
    await run(stage, owner, 'user.add', {
      name: 'carl',
      key: [file, second],
      role: ['approver', 'viewer', 'viewer'],
      yes: true,
    });
    expect(await stage.access.user('carl')).toEqual({
      name: 'carl',
      roles: ['viewer', 'approver'],
      keys: [readFileSync(file, 'utf8').trim(), second.trim()],
      totp: false,
      addedAt: stage.at,
    });
    expect((await run(stage, owner, 'user.list', {})).data).toMatchObject({ users: [{ name: 'carl' }] });
    const shown = await run(stage, owner, 'user.show', { name: 'carl' });
    expect(shown.data).toMatchObject({ commands: expect.arrayContaining(['approval.grant', 'machine.list']) });
    expect(JSON.stringify(shown.data)).not.toContain('protect');
    const changed = await run(stage, owner, 'user.role', { name: 'carl', role: ['operator'], yes: true });
    expect(changed.data).toMatchObject({ given: ['operator'], taken: ['viewer', 'approver'] });
    await run(stage, owner, 'user.remove', { name: 'carl', yes: true });
    expect(await stage.access.user('carl')).toBeNull();
    await expect(run(stage, owner, 'user.show', { name: 'carl' })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
  });

  it.each([
    ['a name that is none', { name: 'Carl!', role: ['viewer'] }, 'NAME_INVALID'],
    ['a name of the prototype', { name: '__proto__', role: ['viewer'] }, 'NAME_INVALID'],
    ['a role that is none', { name: 'carl', role: ['root'] }, 'USAGE'],
    ['no key', { name: 'carl', role: ['viewer'], key: [] }, 'ANSWER_MISSING'],
    ['a private key', { name: 'carl', role: ['viewer'], key: ['PRIVATE'] }, 'USAGE'],
    ['a file that is not there', { name: 'carl', role: ['viewer'], key: ['/no/such/file'] }, 'USAGE'],
    ['a device', { name: 'carl', role: ['viewer'], key: ['/dev/zero'] }, 'USAGE'],
  ])('are not added with %s', async (_what, given, code) => {
    await using stage = await makeStage();
    stage.approvals = {};
    const file = keyFile();
    const keys: readonly string[] = 'key' in given ? given.key : [file];
    const key = keys.map((one) => (one === 'PRIVATE' ? file.replace('.pub', '') : one));
    await expect(run(stage, owner, 'user.add', { ...given, key, yes: true })).rejects.toMatchObject({ code });
    expect(await stage.access.users()).toEqual([]);
  });

  it('do not share a key, for one person must not be two', async () => {
    await using stage = await makeStage();
    stage.approvals = {};
    const file = keyFile();
    await run(stage, owner, 'user.add', { name: 'carl', key: [file], role: ['viewer'], yes: true });
    await expect(
      run(stage, owner, 'user.add', { name: 'carla', key: [file], role: ['approver'], yes: true }),
    ).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    const carl = await stage.access.user('carl');
    if (carl === null) throw new Error('no carl');
    await expect(stage.access.saveUser({ ...carl, name: 'carla' })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('lie in a file that only its owner may open, and are not read from another', async () => {
    await using stage = await makeStage();
    stage.approvals = {};
    await run(stage, owner, 'user.add', { name: 'carl', key: [keyFile()], role: ['viewer'], yes: true });
    const file = join(stage.folder, 'data/access/users.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    for (const [damaged, code] of [
      [text.replace('"viewer"', '"root"'), 'CONFIG_INVALID'],
      [text.replace('ssh-ed25519 ', 'command="sh" ssh-ed25519 '), 'CONFIG_INVALID'],
      [text.slice(0, -9), 'CONFIG_INVALID'],
      [`${text}\u0000`, 'CONFIG_INVALID'],
      ['x'.repeat(2 << 20), 'CONFIG_UNREADABLE'],
    ]) {
      await writeFile(file, damaged ?? '');
      await expect(stage.access.users(), damaged?.slice(0, 40)).rejects.toMatchObject({ code });
    }
    await writeFile(file, text);
    execFileSync('chmod', ['644', file]);
    await expect(stage.access.user('carl')).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
  });

  it('cannot be given power by one administrator alone where a second person is asked for', async () => {
    await using stage = await makeStage();
    const given = { name: 'puppet', key: [keyFile()], role: ['approver'], yes: true };
    await expect(run(stage, anna, 'user.add', given)).rejects.toMatchObject({ code: 'APPROVAL_MISSING' });
    expect(await stage.access.users()).toEqual([]);
    const { name, role } = given;
    const [file = ''] = given.key;
    const agreed = await readKeys([file]);
    await stage.access.decide(
      (await stage.access.ask('user.add', { key: agreed, name, role }, anna, '')).id,
      true,
      ben,
      '',
    );
    // What was agreed to is the key, not the file that held it.
    const written = await readFile(file, 'utf8');
    await writeFile(file, await readFile(keyFile(), 'utf8'));
    await expect(run(stage, anna, 'user.add', given)).rejects.toMatchObject({ code: 'APPROVAL_MISSING' });
    await writeFile(file, written);
    await run(stage, anna, 'user.add', given);
    expect((await stage.access.user('puppet'))?.keys).toEqual(agreed);
    await run(stage, anna, 'user.remove', { name: 'puppet', yes: true });
  });

  it('many added at once by several at once are all there', async () => {
    await using stage = await makeStage();
    stage.approvals = {};
    const names = Array.from({ length: 12 }, (_, index) => `user-${index}`);
    await Promise.all(
      names.map((name) => run(stage, owner, 'user.add', { name, key: [keyFile()], role: ['viewer'], yes: true })),
    );
    expect((await stage.access.users()).map(({ name }) => name)).toEqual(names.toSorted());
  });
});

describe('a one-time password', () => {
  it('is sealed, shown once, and found nowhere else', { timeout: 60_000 }, async () => {
    await using stage = await makeStage();
    stage.approvals = {};
    await run(stage, owner, 'user.add', { name: 'carl', key: [keyFile()], role: ['viewer'], yes: true });
    const answer = await run(stage, owner, 'user.totp', { name: 'carl', yes: true });
    const { secret, address } = answer.data as { secret: string; address: string };
    expect(address).toContain(`secret=${secret}`);
    expect(totpMatches(secret, totpCode(secret, stage.at), stage.at)).toBe(true);
    expect(totpMatches(secret, totpCode(secret, stage.at), stage.at)).toBe(false);
    expect(await stage.access.user('carl')).toMatchObject({ totp: true });
    for (const file of ['access/users.json', 'audit/log', 'sealed-secrets.json']) {
      expect(await readFile(join(stage.folder, 'data', file), 'utf8'), file).not.toContain(secret);
    }
    const again = await run(stage, owner, 'user.totp', { name: 'carl', yes: true });
    expect((again.data as { secret: string }).secret).not.toBe(secret);
    await run(stage, owner, 'user.totp', { name: 'carl', off: true, yes: true });
    expect(await stage.access.user('carl')).toMatchObject({ totp: false });
  });
});

describe('approvals, as commands', () => {
  const words = ['point', 'forget', '--machine=web-07', '8f2c41aa'];

  it('are asked for, listed, granted and used from a script', async () => {
    await using stage = await makeStage();
    const asked = await run(stage, anna, 'approval.ask', { words, reason: 'machine is gone' });
    const { id } = asked.data as { id: string };
    expect(asked.data).toMatchObject({ command: 'point.forget', args: { machine: 'web-07', points: ['8f2c41aa'] } });
    expect((await run(stage, ben, 'approval.list', {})).data).toMatchObject({ approvals: [{ id }] });
    expect((await run(stage, ben, 'approval.show', { approval: id.slice(0, 6) })).data).toMatchObject({
      state: 'waiting',
      line: 'point forget --machine=web-07 8f2c41aa',
    });
    await expect(run(stage, anna, 'approval.grant', { approval: id, yes: true })).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    });
    await run(stage, ben, 'approval.grant', { approval: id, reason: 'seen', yes: true });
    const { command, calls } = forgetting();
    await stage.run(anna, command, { machine: 'web-07', points: ['8f2c41aa'], yes: true });
    expect(calls).toHaveLength(1);
    expect((await run(stage, ben, 'approval.list', {})).data).toEqual({ approvals: [] });
    expect((await run(stage, ben, 'approval.list', { all: true })).data).toMatchObject({
      approvals: [{ usedBy: 'anna' }],
    });
    expect((await stage.entries()).map(({ who, what }) => `${who} ${what}`)).toEqual([
      'anna command.begin',
      'anna approval.asked',
      'anna command.end',
      'anna command.begin',
      'anna command.end',
      'ben command.begin',
      'ben approval.decided',
      'ben command.end',
      'anna command.begin',
      'anna command.end',
    ]);
  });

  it('have the terms of the configuration', async () => {
    await using stage = await makeStage();
    stage.approvals = { destroy: true, expireHours: 2, delayMinutes: 30 };
    const { data } = await run(stage, anna, 'approval.ask', { words, reason: 'x' });
    const { id, expiresAt } = data as { id: string; expiresAt: number };
    expect(expiresAt).toBe(stage.at + 2 * 3_600_000);
    const granted = await run(stage, ben, 'approval.grant', { approval: id, yes: true });
    expect(granted.data).toMatchObject({ usableFrom: stage.at + 30 * 60_000, expiresAt: stage.at + 150 * 60_000 });
  });

  it('are not asked for by whoever could not use them, for what needs none, or for what cannot be done', async () => {
    await using stage = await makeStage();
    const ask = (by: Actor, line: string) => run(stage, by, 'approval.ask', { words: line.split(' '), reason: 'x' });
    await expect(ask(remote('otto', 'operator'), 'point forget 8f')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    await expect(ask(anna, 'machine list')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('waits for nobody'),
    });
    await expect(ask(anna, 'point forgett 8f')).rejects.toMatchObject({
      code: 'USAGE',
      remedy: expect.stringContaining('point forget'),
    });
    await expect(ask(anna, 'point forget --no-such 8f')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(ask(anna, 'repository key remove')).rejects.toMatchObject({ code: 'ANSWER_MISSING' });
    await expect(ask(anna, 'user role carl --role viewer')).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    expect(await stage.access.approvals()).toEqual([]);
  });

  it('change nothing when they are only tried', async () => {
    await using stage = await makeStage();
    await run(stage, anna, 'approval.ask', { words, reason: 'x', dryRun: true });
    expect(await stage.access.approvals()).toEqual([]);
    const { id } = await stage.access.ask('point.forget', {}, anna, '');
    await run(stage, ben, 'approval.grant', { approval: id, dryRun: true });
    await run(stage, ben, 'approval.deny', { approval: id, dryRun: true });
    expect((await stage.access.approvals())[0]?.decided).toBeNull();
    await run(stage, ben, 'approval.deny', { approval: id, reason: 'no', yes: true });
    expect((await stage.access.approvals())[0]?.decided).toMatchObject({ granted: false, by: 'ben', reason: 'no' });
  });

  it('are asked for by a line that reads back as the same arguments', () => {
    const command = commandOf('point.forget');
    const given = { points: ['-x', "it's", '8f2c'], machine: 'a b', keepDaily: 14 };
    const line = askLine('holdfast', command, given);
    const shell = execFileSync('sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`], {
      encoding: 'utf8',
    });
    const typed = shell.split('\0').slice(0, -1);
    const { command: found, rest } = findCommand(builtInCommands, typed.slice(typed.indexOf('--') + 1));
    expect(found.id).toBe('point.forget');
    expect(readWords(found, rest)).toEqual(given);
  });
});

describe('the audit log, as commands', () => {
  it('is listed by who, what and command, shown, checked and exported', async () => {
    await using stage = await makeStage();
    stage.approvals = {};
    await run(stage, owner, 'user.add', { name: 'carl', key: [keyFile()], role: ['viewer'], yes: true });
    await run(stage, remote('carl', 'viewer'), 'user.remove', { name: 'carl', yes: true }).catch(() => {});
    const auditor = remote('ada', 'auditor');
    expect((await run(stage, auditor, 'audit.list', { who: 'carl' })).data).toMatchObject({
      entries: [{ what: 'denied' }],
    });
    expect((await run(stage, auditor, 'audit.list', { command: 'user add', limit: 1 })).data).toMatchObject({
      entries: [{ number: 2, what: 'command.end' }],
    });
    expect((await run(stage, auditor, 'audit.show', { entry: 3 })).data).toMatchObject({ number: 3, who: 'carl' });
    await expect(run(stage, auditor, 'audit.show', { entry: 4 })).rejects.toMatchObject({ code: 'USAGE' });
    const { hash } = (await run(stage, auditor, 'audit.head', {})).data as { hash: string };
    const well = await run(stage, auditor, 'audit.verify', { head: hash.toUpperCase() });
    expect(well).toMatchObject({ data: { entries: 3, problems: [] } });
    expect(well.failure).toBeUndefined();
    expect((await run(stage, auditor, 'audit.verify', { head: '0'.repeat(64) })).failure).toMatchObject({
      code: 'AUDIT_DAMAGED',
    });
    await expect(run(stage, auditor, 'audit.verify', { head: 'short' })).rejects.toMatchObject({ code: 'USAGE' });
    const to = join(stage.folder, 'export.jsonl');
    await run(stage, owner, 'audit.export', { to, entries: true });
    const lines = (await readFile(to, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).number)).toEqual([1, 2, 3]);
    await expect(run(stage, owner, 'audit.export', { to })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    await expect(run(stage, auditor, 'audit.export', { to })).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    const out: Uint8Array[] = [];
    await run(stage, auditor, 'audit.export', { to: '-' }, { out: async (bytes) => out.push(bytes) > 0 });
    expect(Buffer.concat(out).toString()).toBe(await readFile(join(stage.folder, 'data/audit/log'), 'utf8'));
  });
});

describe('sessions, as commands', () => {
  const ended: string[] = [];
  const session: OpenSession = {
    id: '4fd1c0aa91b2',
    actor: remote('otto', 'operator'),
    since: 0,
    activeAt: 0,
    columns: 80,
    rows: 24,
    observers: ['ada'],
    observe: async () => {},
    end: (reason) => void ended.push(reason),
  };
  const sessions = { list: () => [session], get: () => session };

  it('are listed and ended in the server', async () => {
    await using stage = await makeStage();
    expect((await run(stage, anna, 'session.list', {}, { sessions })).data).toMatchObject({
      sessions: [{ user: 'otto', observers: ['ada'] }],
    });
    await run(stage, anna, 'session.end', { session: '4fd1', dryRun: true }, { sessions });
    expect(ended).toEqual([]);
    await run(stage, anna, 'session.end', { session: '4fd1', reason: 'maintenance', yes: true }, { sessions });
    expect(ended).toEqual(['maintenance']);
    await expect(run(stage, anna, 'session.end', { session: '9999' }, { sessions })).rejects.toMatchObject({
      code: 'SESSION_NOT_FOUND',
    });
  });

  it('say where they are to be found when this process has none', async () => {
    await using stage = await makeStage();
    for (const [id, given] of [
      ['session.list', {}],
      ['session.end', { session: '4fd1' }],
    ] as const) {
      await expect(run(stage, owner, id, given, { sessions: null })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        remedy: expect.stringContaining('ssh'),
      });
    }
  });
});
