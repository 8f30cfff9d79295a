import { type CommandResult, makeCall } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import type { ShellCommand, Site } from '../../core/shell/contract.ts';
import type { Arguments } from '../../core/shell/registry/argument-values.ts';
import { confirmChange } from '../../core/shell/registry/confirm.ts';
import { args, several, text, whole } from '../../core/shell/registry/declare.ts';
import { executeCommand } from '../../core/shell/registry/execute.ts';
import { detailView } from '../../core/shell/view/build.ts';
import { person, siteWith } from './site.ts';

const answer: CommandResult = { data: null, view: detailView('done', []) };

function command(run: (site: Site, args: Arguments) => Promise<void>): ShellCommand {
  return {
    id: 'point.forget',
    title: 'Forget',
    danger: 'destroy',
    positionals: ['point'],
    args: args(
      {
        point: text('which point', { 'x-value': 'POINT' }),
        keepLast: whole('keep so many', { minimum: 0, maximum: 9, default: 3 }),
        tier: text('how', { enum: ['fast', 'full'], default: 'fast' }),
        set: several('settings'),
      },
      ['point'],
    ),
    load: async () => ({
      run: async (site, given) => {
        await run(site, given);
        return answer;
      },
    }),
  };
}

async function received(given: Arguments, ask: Site['ask'] = null): Promise<Arguments> {
  let seen: Arguments = {};
  const probe = command(async (_site, passed) => {
    seen = passed;
  });
  await executeCommand(siteWith({ ask }), probe, given, makeCall());
  return seen;
}

describe('running a command', () => {
  it('fills defaults in and passes dry run and consent on', async () => {
    expect(await received({ point: '8f2c', dryRun: true })).toEqual({
      point: '8f2c',
      keepLast: 3,
      tier: 'fast',
      dryRun: true,
    });
  });

  it.each([
    [{ point: 'a', keepLast: 10 }, /--keep-last must be at most 9/],
    [{ point: 'a', keepLast: 1.5 }, /--keep-last takes a whole number/],
    [{ point: 'a', keepLast: Number('many') }, /--keep-last takes a number/],
    [{ point: 'a', tier: 'slow' }, /--tier must be one of fast, full/],
    [{ point: 'a', colour: 'red' }, /has no argument named colour/],
  ])('refuses %j and names the flag', async (given, message) => {
    await expect(received(given)).rejects.toMatchObject({ code: 'USAGE', message: expect.stringMatching(message) });
  });

  it('asks a person for a missing answer', async () => {
    const ask = person(['8f2c']);
    expect(await received({}, ask)).toMatchObject({ point: '8f2c' });
    expect(ask.asked).toEqual(['which point']);
  });

  it('names what is missing when nobody is there to be asked', async () => {
    await expect(received({})).rejects.toMatchObject({
      code: 'ANSWER_MISSING',
      message: expect.stringContaining('POINT'),
      remedy: expect.stringContaining('--help'),
    });
  });
});

describe('a change', () => {
  const change = command(async (site, given) => confirmChange(site, given, 'forgets 3 restore points'));
  const run = (given: Arguments, ask: Site['ask'] = null) =>
    executeCommand(siteWith({ ask }), change, { point: 'a', ...given }, makeCall());

  it('goes on without asking when it was agreed to beforehand', async () => {
    await expect(run({ yes: true })).resolves.toBe(answer);
  });

  it('names its consequence to the person who is asked, and goes on when the answer is yes', async () => {
    const ask = person(['y']);
    await expect(run({}, ask)).resolves.toBe(answer);
    expect(ask.asked).toEqual(['This forgets 3 restore points. Go on?']);
  });

  it('is not made when the answer is no', async () => {
    await expect(run({}, person(['n']))).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('is not made when nobody is there to agree', async () => {
    await expect(run({})).rejects.toMatchObject({
      code: 'CONFIRMATION_MISSING',
      remedy: expect.stringContaining('--yes'),
    });
  });
});
