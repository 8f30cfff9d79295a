import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import type { ShellCommand } from '../../../core/shell/contract.ts';
import { args, text } from '../../../core/shell/registry/declare.ts';
import { detailView } from '../../../core/shell/view/build.ts';
import { anna, done, forgetting, makeStage, owner, type Stage } from '../access/stage.ts';

const change = (run: () => Promise<typeof done>, more: Partial<ShellCommand> = {}): ShellCommand => ({
  id: 'protect',
  title: 'Protect',
  args: args({ machine: text('which') }),
  danger: 'change',
  load: async () => ({ run }),
  ...more,
});

const ends = async (stage: Stage) =>
  (await stage.entries()).filter(({ what }) => what === 'command.end').map(({ facts }) => facts);

describe('what a command leaves in the audit log', () => {
  it('is what was meant, before anything is touched, and how it ended', async () => {
    await using stage = await makeStage();
    const seen: unknown[] = [];
    const command = change(async () => {
      seen.push(...(await stage.entries()));
      stage.at += 1_500;
      return done;
    });
    await stage.run(anna, command, { machine: 'web-07' });
    expect(seen).toMatchObject([
      {
        what: 'command.begin',
        who: 'anna',
        facts: { command: 'protect', danger: 'change', arguments: { machine: 'web-07' } },
      },
    ]);
    const [begin, end] = await stage.entries();
    expect(end?.facts).toEqual({
      command: 'protect',
      work: begin?.facts.work,
      outcome: 'done',
      exit: 0,
      tookMs: 1_500,
    });
  });

  it.each([
    ['partly done', async () => ({ ...done, partial: true }), { outcome: 'partial', exit: 3 }],
    [
      'bad news',
      async () => ({ ...done, failure: { code: 'VERIFY_FAILED' as const, message: 'x' } }),
      { outcome: 'failed', exit: 1, code: 'VERIFY_FAILED' },
    ],
    [
      'cancelled',
      async () => {
        throw new HoldfastError('CANCELLED', 'x');
      },
      { outcome: 'cancelled', exit: 130, code: 'CANCELLED' },
    ],
    [
      'denied by something else',
      async () => {
        throw new HoldfastError('PASSPHRASE_WRONG', 'x');
      },
      { outcome: 'failed', exit: 5, code: 'PASSPHRASE_WRONG' },
    ],
    [
      'a bug',
      async () => {
        throw new TypeError('hunter2');
      },
      { outcome: 'failed', exit: 1, code: 'INTERNAL' },
    ],
  ])('says of %s how it ended, with its exit code', async (_what, run, facts) => {
    await using stage = await makeStage();
    await stage.run(anna, change(run), {}).catch(() => {});
    expect(await ends(stage)).toMatchObject([facts]);
    expect(JSON.stringify(await stage.entries())).not.toContain('hunter2');
  });

  it('names the plugin whose command it was', async () => {
    await using stage = await makeStage();
    await stage.run(
      anna,
      change(async () => done, { id: 'lab.change', plugin: '@acme/lab' }),
      {},
    );
    expect((await stage.entries())[0]?.facts).toMatchObject({ command: 'lab.change', plugin: '@acme/lab' });
  });

  it('is nothing where nothing changes: a look, a dry run, a change that is none with these arguments', async () => {
    await using stage = await makeStage();
    const nothing = {
      audit: () => Promise.reject(new Error('opened')),
      access: () => Promise.reject(new Error('opened')),
    };
    await stage.run(
      owner,
      change(async () => done, { id: 'machine.list', danger: 'read' }),
      {},
      nothing,
    );
    await stage.run(
      owner,
      change(async () => done),
      { dryRun: true },
      nothing,
    );
    await stage.run(
      owner,
      change(async () => done, { changes: () => false }),
      {},
      nothing,
    );
    await stage.run(owner, forgetting().command, { dryRun: true }, nothing);
    expect(await stage.entries()).toEqual([]);
  });

  it('outlives a command that closes everything in between', async () => {
    await using stage = await makeStage();
    let opened = 0;
    const audit = async () => {
      opened += 1;
      return stage.audit;
    };
    await stage.run(
      anna,
      change(async () => done),
      {},
      { audit },
    );
    expect(opened).toBe(2);
  });
});

describe('an audit log that cannot be written', () => {
  it('stops a change before anything is changed', async () => {
    await using stage = await makeStage();
    await writeFile(join(stage.folder, 'data'), 'a file where a folder should be');
    let isRun = false;
    const command = change(async () => {
      isRun = true;
      return done;
    });
    await expect(stage.run(owner, command, {})).rejects.toMatchObject({
      code: 'FOLDER_UNWRITABLE',
      message: expect.stringContaining('the audit log cannot be written'),
    });
    expect(isRun).toBe(false);
  });

  it('stops what destroys even with the glass broken', async () => {
    await using stage = await makeStage();
    await writeFile(join(stage.folder, 'data'), 'a file where a folder should be');
    const { command, calls } = forgetting();
    await expect(stage.run(owner, command, { yes: true, breakGlass: 'in a hurry' })).rejects.toMatchObject({
      code: 'FOLDER_UNWRITABLE',
    });
    expect(calls).toEqual([]);
  });

  it('lets nobody in who is refused', async () => {
    await using stage = await makeStage();
    await writeFile(join(stage.folder, 'data'), 'a file where a folder should be');
    const { command, calls } = forgetting();
    await expect(stage.run({ ...anna, roles: ['viewer'] }, command, {})).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    });
    expect(calls).toEqual([]);
    expect(stage.said.join()).toContain('not in the audit log');
  });

  it('is told when a change was made whose end could not be written', async () => {
    await using stage = await makeStage();
    const command = change(async () => {
      await rm(join(stage.folder, 'data'), { recursive: true });
      await writeFile(join(stage.folder, 'data'), 'x');
      return done;
    });
    await expect(stage.run(owner, command, {})).rejects.toMatchObject({
      code: 'FOLDER_UNWRITABLE',
      message: 'protect is done, but that is not in the audit log',
    });
  });
});

describe('twenty planted secrets', () => {
  const canaries = Array.from({ length: 20 }, (_, number) => `canary-${number}-7e1d`);
  const [c0 = '', c1 = '', c2 = '', c3 = '', c4 = '', c5 = '', c6 = '', c7 = '', c8 = '', c9 = ''] = canaries;
  const [d0 = '', d1 = '', d2 = '', d3 = '', d4 = '', d5 = '', d6 = '', d7 = '', d8 = '', d9 = ''] = canaries.slice(10);

  it('appear nowhere in the audit log, among the users or in the approvals', async () => {
    await using stage = await makeStage();
    const leaky: ShellCommand = change(
      async () => {
        throw new Error(`with ${c0}`);
      },
      {
        args: args({
          password: text('p', { secret: true }),
          tokens: { type: 'array', items: { type: 'string', secret: true }, description: 't' },
          set: { type: 'array', items: { type: 'string' }, description: 's', 'x-value': 'SETTING' },
          passphrase: text('ref', { 'x-value': 'REF' }),
          from: text('ref', { 'x-value': 'REF' }),
          words: { type: 'array', items: { type: 'string' }, description: 'w', 'x-unlogged': true },
          url: text('an address'),
          key: text('a key'),
          header: text('a header'),
        }),
      },
    );
    const given = {
      password: c1,
      tokens: [c2, c3],
      set: [`path=/srv`, `password=${c4}`, c5],
      passphrase: c6,
      from: `command:pass show ${c7}`,
      words: [c8],
      url: `https://root:${c9}@esx.example/sdk`,
      key: `-----BEGIN OPENSSH PRIVATE KEY-----\n${d0}\n-----END`,
      header: `Authorization: Bearer ${d1}`,
    };
    await stage.run(owner, leaky, given).catch(() => {});
    await stage.run({ ...anna, roles: [] }, leaky, { ...given, nonsense: d2 }).catch(() => {});
    await stage.run(
      owner,
      change(async () => ({ data: d3, view: detailView(d4, []) })),
      {},
    );
    const { command } = forgetting();
    stage.approvals = { destroy: true };
    await stage.run(anna, command, { points: ['8f2c'], token: d5, yes: true }).catch(() => {});
    await stage.run(owner, command, {
      points: ['8f2c'],
      token: d6,
      yes: true,
      breakGlass: `otpauth://totp/x?secret=${d7}`,
    });
    await stage.audit.append(owner, 'login', {
      note: `ssh://a:${d8}@host`,
      deep: { list: [`-----BEGIN PRIVATE KEY-----${d9}`] },
    });
    const files = ['audit/log', 'audit/checkpoints'].map((file) => readFile(join(stage.folder, 'data', file), 'utf8'));
    const kept = (await Promise.all(files)).join('\n');
    expect(kept).toContain('"set":["path=…","password=…","=…"]');
    expect(kept).toContain('https://root:…@esx.example');
    for (const canary of canaries) expect(kept, canary).not.toContain(canary);
  });

  it('that are references to secrets are kept as what they are', async () => {
    await using stage = await makeStage();
    const command = change(async () => done, { args: args({ passphrase: text('ref', { 'x-value': 'REF' }) }) });
    for (const reference of ['env:KEY', 'file:/root/key', 'keyring:a/b', 'systemd:x', 'sealed:main']) {
      await stage.run(owner, command, { passphrase: reference });
      expect((await stage.audit.entries({ limit: 2 }))[1]?.facts.arguments).toEqual({ passphrase: reference });
    }
  });
});
