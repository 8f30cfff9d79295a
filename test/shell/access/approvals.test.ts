import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { canonical } from '../../../core/shell/access/approvals.ts';
import { openAccess } from '../../../core/shell/access/open.ts';
import { anna, ben, done, forgetting, makeStage, owner, remote, type Stage } from './stage.ts';

const hourMs = 3_600_000;
const wish = { points: ['8f2c41aa'] };

async function granted(stage: Stage, args = wish, terms = { lifeMs: 24 * hourMs, delayMs: 0 }) {
  const { id } = await stage.access.ask('point.forget', args, anna, 'machine is gone', terms);
  return stage.access.decide(id, true, ben, 'seen the ticket');
}

describe('a command that destroys, where a second person is asked for', () => {
  it('does nothing without an approval, and says the line that asks for one', async () => {
    await using stage = await makeStage();
    const { command, calls } = forgetting();
    await expect(
      stage.run(anna, command, { points: ['8f2c 41'], machine: 'web-07', token: 'hunter2', yes: true }),
    ).rejects.toMatchObject({
      code: 'APPROVAL_MISSING',
      remedy: expect.stringContaining("approval ask --reason WHY -- point forget --machine=web-07 '8f2c 41'`"),
    });
    expect(calls).toEqual([]);
    expect(await stage.entries()).toMatchObject([{ what: 'denied', facts: { code: 'APPROVAL_MISSING' } }]);
  });

  it('tells the line as it is typed here: at the console and over SSH', async () => {
    await using stage = await makeStage();
    const { command } = forgetting();
    const told = (by: typeof anna) =>
      stage
        .run(by, command, { ...wish, yes: true }, { invocation: 'node holdfast.js --home /srv/x' })
        .catch(({ remedy }) => remedy);
    expect(await told(owner)).toMatch(/^`node holdfast.js --home \/srv\/x approval ask /);
    expect(await told(anna)).toMatch(/^`holdfast approval ask /);
  });

  it('runs once when somebody else has agreed, and the log says who asked and who agreed', async () => {
    await using stage = await makeStage();
    const { id } = await granted(stage);
    const { command, calls } = forgetting();
    await stage.run(anna, command, { ...wish, yes: true });
    expect(calls).toHaveLength(1);
    expect(await stage.entries()).toMatchObject([
      { what: 'command.begin', who: 'anna', facts: { approval: id, askedBy: 'anna', grantedBy: 'ben' } },
      { what: 'command.end', facts: { outcome: 'done', exit: 0 } },
    ]);
    await expect(stage.run(anna, command, { ...wish, yes: true })).rejects.toMatchObject({
      code: 'APPROVAL_MISSING',
      message: `${id} has been used; each is good for once`,
    });
    expect(calls).toHaveLength(1);
  });

  it('is used up by one of many who try at once', async () => {
    await using stage = await makeStage();
    await granted(stage);
    const { command, calls } = forgetting();
    const other = await openAccess({ folder: join(stage.folder, 'data', 'access'), now: () => stage.at });
    const tries = Array.from({ length: 12 }, (_, index) =>
      stage.run(anna, command, { ...wish, yes: true }, index % 2 === 0 ? {} : { access: async () => other }),
    );
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(calls).toHaveLength(1);
  });

  it('may be tried with --dry-run without an approval, and that leaves none used and nothing written', async () => {
    await using stage = await makeStage();
    await granted(stage);
    const { command, calls } = forgetting();
    await stage.run(anna, command, { ...wish, dryRun: true });
    expect(calls).toEqual([{ ...wish, dryRun: true }]);
    expect(await stage.entries()).toEqual([]);
    expect((await stage.access.approvals())[0]?.usedAt).toBeNull();
  });

  it('does not use the approval up in a script that forgot --yes', async () => {
    await using stage = await makeStage();
    await granted(stage);
    const { command } = forgetting();
    await expect(stage.run(anna, command, wish)).rejects.toMatchObject({ code: 'CONFIRMATION_MISSING' });
    expect((await stage.access.approvals())[0]?.usedAt).toBeNull();
  });

  it.each([
    ['other points', { points: ['8f2c41ab'] }],
    ['more points', { points: ['8f2c41aa', '9d'] }],
    ['none', {}],
    ['a machine too', { ...wish, machine: 'web-07' }],
    ['another command', null],
  ])('needs an approval of its own for %s', async (_what, args) => {
    await using stage = await makeStage();
    await granted(stage);
    const { command, calls } = forgetting();
    const other = { ...command, id: 'repository.accept' };
    await expect(
      stage.run(anna, args === null ? other : command, { ...(args ?? wish), yes: true }),
    ).rejects.toMatchObject({
      code: 'APPROVAL_MISSING',
    });
    expect(calls).toEqual([]);
  });

  it('takes the same arguments in another order of names for the same', async () => {
    expect(canonical({ b: [1, { y: null, x: 'ä' }], a: true })).toBe('{"a":true,"b":[1,{"x":"ä"}]}');
    expect(canonical({ a: '1' })).not.toBe(canonical({ a: 1 }));
    expect(canonical({ a: ['x', 'y'] })).not.toBe(canonical({ a: ['y', 'x'] }));
    await using stage = await makeStage();
    await granted(stage, { machine: 'web-07', ...wish } as typeof wish);
    const { command, calls } = forgetting();
    await stage.run(anna, command, { ...wish, machine: 'web-07', yes: true });
    expect(calls).toHaveLength(1);
  });

  it('waits for nobody where the configuration does not say so', async () => {
    await using stage = await makeStage();
    stage.approvals = {};
    const { command, calls } = forgetting();
    await stage.run(anna, command, { ...wish, yes: true });
    expect(calls).toHaveLength(1);
  });

  it('is not run when what the configuration says cannot be read', async () => {
    await using stage = await makeStage();
    const { command, calls } = forgetting();
    const config = async (): Promise<never> => {
      throw new HoldfastError('CONFIG_INVALID', 'broken');
    };
    await expect(stage.run(anna, command, { ...wish, yes: true }, { config })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    expect(calls).toEqual([]);
  });
});

describe('four eyes', () => {
  it('are not two of one person: nobody decides on what they asked for', async () => {
    await using stage = await makeStage();
    const { id } = await stage.access.ask('point.forget', wish, anna, 'mine');
    for (const granting of [true, false]) {
      await expect(stage.access.decide(id, granting, anna, '')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    }
    const elsewhere = { ...anna, from: '198.51.100.1', session: 'other' };
    await expect(stage.access.decide(id, true, elsewhere, '')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it('are not two names at the local console', async () => {
    await using stage = await makeStage();
    const { id } = await stage.access.ask('point.forget', wish, owner, 'mine');
    const sudo = { ...owner, name: 'holdfast' };
    await expect(stage.access.decide(id, true, sudo, '')).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringContaining('local console'),
    });
    await expect(stage.access.decide(id, true, { ...anna, name: 'root' }, '')).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    });
    expect((await stage.access.decide(id, true, ben, '')).decided?.by).toBe('ben');
  });

  it('do not let whoever agreed be the one who does it', async () => {
    await using stage = await makeStage();
    await granted(stage);
    const { command, calls } = forgetting();
    await expect(stage.run(ben, command, { ...wish, yes: true })).rejects.toMatchObject({
      code: 'APPROVAL_MISSING',
      message: expect.stringContaining('granted by yourself'),
    });
    await stage.run(remote('carl', 'administrator'), command, { ...wish, yes: true });
    expect(calls).toHaveLength(1);
  });
});

describe('an approval', () => {
  it('ends, undecided and granted', async () => {
    await using stage = await makeStage();
    const { id } = await stage.access.ask('point.forget', wish, anna, '', { lifeMs: hourMs, delayMs: 0 });
    stage.at += hourMs + 1;
    await expect(stage.access.decide(id, true, ben, '')).rejects.toMatchObject({ code: 'APPROVAL_EXPIRED' });
    await granted(stage, wish, { lifeMs: hourMs, delayMs: 0 });
    stage.at += hourMs + 1;
    const { command, calls } = forgetting();
    await expect(stage.run(anna, command, { ...wish, yes: true })).rejects.toMatchObject({ code: 'APPROVAL_EXPIRED' });
    expect(calls).toEqual([]);
  });

  it('waits for its delay, then has its whole life', async () => {
    await using stage = await makeStage();
    await granted(stage, wish, { lifeMs: hourMs, delayMs: 10 * 60_000 });
    const { command, calls } = forgetting();
    stage.at += 10 * 60_000 - 1;
    await expect(stage.run(anna, command, { ...wish, yes: true })).rejects.toMatchObject({
      code: 'APPROVAL_TOO_EARLY',
      message: expect.stringContaining('2026-11-22T12:10:00Z'),
    });
    stage.at += 1 + hourMs;
    await stage.run(anna, command, { ...wish, yes: true });
    expect(calls).toHaveLength(1);
    expect(await stage.entries()).toMatchObject([
      { what: 'denied' },
      { what: 'command.begin' },
      { what: 'command.end' },
    ]);
  });

  it('can be taken back until it is used, and a refusal stands', async () => {
    await using stage = await makeStage();
    const { id } = await granted(stage);
    await stage.access.decide(id, false, ben, 'found it in use');
    const { command } = forgetting();
    await expect(stage.run(anna, command, { ...wish, yes: true })).rejects.toMatchObject({
      code: 'APPROVAL_MISSING',
      message: `${id} was refused by ben: found it in use`,
    });
    await expect(stage.access.decide(id, true, ben, '')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(stage.access.decide('000000000000', true, ben, '')).rejects.toMatchObject({
      code: 'APPROVAL_NOT_FOUND',
    });
  });

  it('is not asked for twice by the same person for the same', async () => {
    await using stage = await makeStage();
    const first = await stage.access.ask('point.forget', wish, anna, 'one');
    expect((await stage.access.ask('point.forget', { ...wish }, anna, 'two')).id).toBe(first.id);
    expect((await stage.access.ask('point.forget', wish, remote('carl', 'administrator'), 'three')).id).not.toBe(
      first.id,
    );
    await stage.access.decide(first.id, false, ben, '');
    expect((await stage.access.ask('point.forget', wish, anna, 'four')).id).not.toBe(first.id);
  });

  it('without an end to asking takes no more than its file may have, and past ones make room', async () => {
    await using stage = await makeStage();
    const big = (index: number) => ({ points: [`${index}`.padEnd(5_000, '€')] });
    let asked = 0;
    await expect(
      (async () => {
        for (; asked < 200; asked++) await stage.access.ask('point.forget', big(asked), anna, '');
      })(),
    ).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('too many') });
    expect(asked).toBeGreaterThan(20);
    stage.at += 25 * hourMs;
    const { id } = await stage.access.ask('point.forget', big(999), anna, '');
    const left = await stage.access.approvals();
    expect(left.some((one) => one.id === id)).toBe(true);
    expect((await readFile(join(stage.folder, 'data/access/approvals.json'))).length).toBeLessThan(1024 * 1024);
    await expect(stage.access.ask('point.forget', { points: ['y'.repeat(20_000)] }, anna, '')).rejects.toMatchObject({
      code: 'USAGE',
    });
  });
});

describe('breaking the glass', () => {
  it('lets an administrator at the local console do it alone, loudly', async () => {
    await using stage = await makeStage();
    const { command, calls } = forgetting();
    await stage.run(owner, command, { ...wish, yes: true, breakGlass: 'fire in the other room' });
    expect(calls).toEqual([{ ...wish, yes: true }]);
    expect(stage.said.join()).toMatch(/glass broken.*fire in the other room/);
    expect(await stage.entries()).toMatchObject([
      {
        what: 'break-glass',
        who: 'root',
        from: 'local',
        facts: { command: 'point.forget', reason: 'fire in the other room' },
      },
      { what: 'command.begin', facts: { approval: 'break-glass' } },
      { what: 'command.end' },
    ]);
  });

  it.each([
    ['over SSH', anna],
    ['at the console without the role', { ...owner, roles: ['approver'] as const }],
  ])('is refused %s', async (_where, actor) => {
    await using stage = await makeStage();
    const { command, calls } = forgetting();
    await expect(stage.run(actor, command, { ...wish, yes: true, breakGlass: 'because I can' })).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    });
    expect(calls).toEqual([]);
    expect(await stage.entries()).toMatchObject([{ what: 'denied', facts: { code: 'ACCESS_DENIED' } }]);
  });

  it.each([['', 'ab', '   ', true, 7]].flat())('is refused without a reason: %j', async (reason) => {
    await using stage = await makeStage();
    const { command } = forgetting();
    await expect(stage.run(owner, command, { ...wish, yes: true, breakGlass: reason })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });

  it('means nothing to a command that waits for nobody', async () => {
    await using stage = await makeStage();
    const { command } = forgetting();
    const change = { ...command, id: 'protect', danger: 'change' as const };
    await expect(stage.run(owner, change, { ...wish, breakGlass: 'in a hurry' })).rejects.toMatchObject({
      code: 'USAGE',
    });
    const read = { ...command, id: 'point.list', danger: 'read' as const };
    await expect(stage.run(owner, read, { ...wish, breakGlass: 'in a hurry' })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });
});

describe('the file of approvals', () => {
  it.each([
    ['nonsense', 'not json'],
    ['another format', '{"format":"holdfast-users","version":1,"approvals":[]}'],
    ['a newer version', '{"format":"holdfast-approvals","version":2,"approvals":[]}'],
    [
      'an approval that lacks something',
      '{"format":"holdfast-approvals","version":1,"approvals":[{"id":"0123456789ab"}]}',
    ],
    ['a megabyte and more', ' '.repeat(1024 * 1024 + 1)],
    ['a hundred thousand brackets', '['.repeat(100_000)],
  ])('with %s stops what destroys, and says which file', async (_what, text) => {
    await using stage = await makeStage();
    await granted(stage);
    const file = join(stage.folder, 'data/access/approvals.json');
    await writeFile(file, text);
    const { command, calls } = forgetting();
    await expect(stage.run(anna, command, { ...wish, yes: true })).rejects.toMatchObject({
      code: expect.stringMatching(/^CONFIG_/),
      message: expect.stringContaining(file),
    });
    expect(calls).toEqual([]);
  });

  it('gives back an approval that was tampered with to nobody: a decision without a name is none', async () => {
    await using stage = await makeStage();
    await stage.access.ask('point.forget', wish, anna, '');
    const file = join(stage.folder, 'data/access/approvals.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"decided": null', '"decided": { "granted": true }'));
    const { command, calls } = forgetting(async () => done);
    await expect(stage.run(anna, command, { ...wish, yes: true })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(calls).toEqual([]);
  });
});
