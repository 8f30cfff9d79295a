import { inspect } from 'node:util';
import type { JsonSchema, Plain } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { protectCommands } from '../../../../core/shell/commands/protect/declare.ts';
import { restoreCommands } from '../../../../core/shell/commands/restore/declare.ts';
import type { Choice } from '../../../../core/shell/desk/contract.ts';
import { args, names, several, text, whole, yesNo } from '../../../../core/shell/registry/declare.ts';
import { colourTokens } from '../../../../core/terminal/theme/tokens.ts';
import { FormWidget } from '../../../../core/terminal/widgets/dialogue/form/form-widget.ts';
import { drawn, oddSizes, picture, press, rowsOf, type } from './typing.ts';

const choice = (value: string, refused: string | null = null): Choice => ({ value, title: value, refused });
const machines = [choice('web-07'), choice('web-08', 'is being restored'), choice('erp-db')];

function open(schema: JsonSchema, values: Record<string, Plain> = {}, choices: Record<string, readonly Choice[]> = {}) {
  const told: string[] = [];
  const asked: [string, Readonly<Record<string, Plain>>][] = [];
  const form = new FormWidget({
    invalidate: () => {},
    choices: async (name, given) => {
      asked.push([name, given]);
      return choices[name] ?? [];
    },
    onChange: () => told.push('changed'),
    onSubmit: () => told.push('sent'),
  });
  form.set(schema, values);
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { form, told, asked, settled };
}

const schemaOf = (commands: readonly { readonly args: JsonSchema }[]): JsonSchema => commands[0]?.args ?? {};
const protect = schemaOf(protectCommands);
const restore = schemaOf(restoreCommands);

describe('a form', () => {
  test('asks for what the command takes, with defaults dim and what is needed marked, at 80×24', () => {
    expect(picture(open(restore, { name: 'web-07' }).form)).toMatchInlineSnapshot(`
      " *name          web-07                                 machine that was…
      ▐*as                                                   name of the new machine
        at            latest                                 \`latest\`, a restore…
        to                                                   endpoint to restore to;…
        from                                                 target to restore from;…
        even damaged  [ ] no                                 keep the machine when…"
    `);
  });

  test('tells what each field is for, at 120×40', async () => {
    const { form, settled } = open(protect, {}, { machines });
    await settled();
    expect(picture(form, 120, 40)).toMatchInlineSnapshot(`
      "▐*machines  ▸ add…                                            names, ENDPOINT/NAME or identities · ↓ 3 choices
        to                                                          target; may be left out when there is only one
        steps     snapshot, proxy                                   steps of the workflow, in order
        quiesce   ‹ ›                                               how still the guest is held: default of the snapshot step
        dedupe    ‹ ›                                               what is done about data that is there already: default i…
        set                                                         a setting of a step: STEP.KEY=VALUE"
    `);
  });

  test('begins at the first thing that is missing', () => {
    expect(open(restore, { name: 'web-07' }).form.focused).toBe('as');
  });

  test('gives what was typed, and leaves defaults to the command', () => {
    const { form } = open(restore, { name: 'web-07' });
    type(form, 'web-07-r');
    press(form, 'tab', 'tab', 'tab', 'tab', 'space');
    expect(form.values).toEqual({ name: 'web-07', as: 'web-07-r', evenDamaged: true });
    press(form, 'backspace');
    expect(form.values).toEqual({ name: 'web-07', as: 'web-07-r' });
  });

  test('goes to what is missing by Enter, tells it there, and is sent when nothing is', () => {
    const { form, told } = open(restore);
    press(form, 'tab', 'tab', 'enter');
    expect(form.focused).toBe('name');
    expect(told).not.toContain('sent');
    type(form, 'web-07');
    press(form, 'enter');
    expect(form.focused).toBe('as');
    expect(form.problems).toEqual([{ name: 'as', text: 'as is needed' }]);
    expect(picture(form)).toContain('✗ is needed');
    type(form, 'copy');
    press(form, 'enter');
    expect(told.at(-1)).toBe('sent');
  });

  test('leaves Escape and the ends to whoever holds it', () => {
    const { form } = open(restore);
    expect(press(form, 'escape', 'up', 'f5', 'ctrl+p')).toEqual([false, false, false, false]);
    press(form, 'shift+tab');
    expect(press(form, 'down')).toEqual([false]);
    expect(form.focused).toBe('evenDamaged');
  });

  test('keeps what was typed where another form asks for the same', () => {
    const { form } = open(restore, { name: 'web-07' });
    type(form, 'mine');
    form.set(args({ as: text('name', { pattern: '^x' }), keep: whole('how many') }, ['as']), { as: 'other', keep: 3 });
    expect(form.values).toEqual({ as: 'mine', keep: 3 });
    expect(form.isComplete).toBe(false);
    form.set(restore, { name: 'erp-db' });
    expect(form.values).toEqual({ as: 'mine', name: 'erp-db' });
  });

  test('takes the new value of a field that nobody has typed into', () => {
    const { form } = open(restore, { name: 'web-07' });
    form.set(restore, { name: 'web-07', as: 'web-07-restored' });
    expect(form.values.as).toBe('web-07-restored');
  });

  test('keeps a value of another type until somebody types', () => {
    const odd = { n: 'many', flag: 'perhaps', pick: 'none of them', list: 7, deep: { x: [1] } };
    const schema = args({
      n: whole('a number'),
      flag: yesNo('yes or no'),
      pick: text('one', { enum: ['a', 'b'] }),
      list: several('several'),
      deep: { type: 'object' },
    });
    const { form } = open(schema, odd);
    expect(form.values).toEqual(odd);
    expect(form.problems.map(({ name }) => name)).toEqual(['n', 'flag', 'pick', 'list']);
  });

  test('scrolls when there are more fields than rows, and shows where there is more', () => {
    const many = args(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`field${index}`, text('')])));
    const { form } = open(many);
    expect(picture(form, 60, 6)).toMatch(/field5 .*↓$/s);
    for (let i = 0; i < 20; i++) press(form, 'tab');
    const seen = rowsOf(drawn(form, 60, 6));
    expect(seen.some((row) => row.startsWith('▐ field20'))).toBe(true);
    expect([seen[0]?.at(-1), seen[5]?.at(-1)]).toEqual(['↑', '↓']);
  });

  test('says in colour only what a sign beside it says too', () => {
    const { form } = open(args({ n: whole('a number') }, ['n']));
    type(form, 'x');
    const grid = drawn(form, 100, 3);
    const at = grid.chars.indexOf('✗');
    expect(colourTokens[grid.fg[at] ?? 0]).toBe('tone.bad');
    expect(colourTokens[grid.fg[0] ?? 0]).toBe('focusBorder');
    expect(grid.row(0)).toMatch(/^▐\*n +x +✗ takes a number/);
  });

  test('puts its labels above where there is no room beside', () => {
    expect(picture(open(restore, { name: 'web-07' }).form, 30, 16)).toMatchInlineSnapshot(`
      " *name
        web-07
      ▐*as

        name of the new machine
        at
        latest
        to

        from

        even damaged
        [ ] no"
    `);
  });

  test('takes the whole width and says how many lines it needs', () => {
    for (const width of [20, 40, 80, 120]) {
      const { form } = open(protect);
      const rows = form.rows(width);
      const seen = rowsOf(drawn(form, width, 60));
      expect(seen.findLastIndex((row) => row !== '')).toBeLessThan(rows);
    }
  });

  test('goes where the mouse points', () => {
    const { form } = open(restore);
    const rows = rowsOf(drawn(form));
    const y = rows.findIndex((row) => row.includes('even damaged'));
    const x = rows[y]?.indexOf('[ ]') ?? 0;
    form.mouse({ kind: 'mouse', action: 'press', button: 'left', x, y });
    expect(form.values).toEqual({ evenDamaged: true });
    expect(form.focused).toBe('evenDamaged');
  });

  test('is drawn at any size', () => {
    for (const [width, height] of oddSizes) {
      const { form } = open(protect, { machines: ['a', 'b'], quiesce: 'none' });
      for (let i = 0; i < 6; i++) {
        expect(() => drawn(form, width, height)).not.toThrow();
        press(form, 'tab', 'x');
      }
    }
  });

  test('without fields says so', () => {
    const { form } = open({});
    expect(picture(form)).toContain('nothing to fill in');
    expect([form.isComplete, form.values, press(form, 'enter', 'tab')]).toEqual([true, {}, [false, false]]);
  });
});

describe('a value is checked as one types', () => {
  const one = (extra: Record<string, unknown>, typed: string) => {
    const { form } = open(args({ it: extra }));
    type(form, typed);
    return form;
  };

  test.each([
    [{ type: 'integer' }, '1.5', 'takes a whole number'],
    [{ type: 'integer' }, 'many', 'takes a number'],
    [{ type: 'integer', minimum: 1 }, '0', 'must be at least 1'],
    [{ type: 'number', maximum: 1 }, '1.1', 'must be at most 1'],
    [{ type: 'string', pattern: '^/' }, 'x', 'is not written as it should be: "x"'],
    [{ type: 'string', pattern: '(' }, 'x', 'cannot be checked: the pattern of its plugin is not valid'],
    [{ type: 'object' }, '[1]', 'takes an object in JSON'],
    [{ type: 'array', items: { type: 'integer' } }, '{', 'takes a list in JSON'],
  ])('%j refuses %s beside the field, and keeps it', (extra, typed, problem) => {
    const form = one(extra, typed);
    expect(form.problems[0]?.text).toContain(problem);
    expect(picture(form, 120)).toContain(`✗ ${problem}`);
    expect(picture(form, 120)).toContain(typed);
    expect(form.isComplete).toBe(false);
  });

  test.each([
    [{ type: 'integer' }, '12', 12],
    [{ type: 'number' }, '-0.5', -0.5],
    [{ type: 'string' }, '12', '12'],
    [{ type: 'array', items: { type: 'integer' } }, '[1,2]', [1, 2]],
    [{ type: 'object' }, '{"a":1}', { a: 1 }],
  ])('%j takes %s', (extra, typed, value) => {
    const form = one(extra, typed);
    expect(form.values).toEqual({ it: value });
    expect(form.isComplete).toBe(true);
  });
});

describe('a choice', () => {
  const schema = args({ how: text('how still', { enum: ['none', 'filesystem', 'application'], default: 'none' }) });

  test('of a few is gone through, or jumped to by its letter', () => {
    const { form } = open(schema);
    expect(picture(form, 100)).toContain('‹none›');
    expect(form.values).toEqual({});
    press(form, 'right');
    expect(form.values).toEqual({ how: 'filesystem' });
    press(form, 'a');
    expect(form.values).toEqual({ how: 'application' });
    press(form, 'right');
    expect(form.values).toEqual({ how: 'none' });
    press(form, 'delete');
    expect(form.values).toEqual({});
  });

  const named = args({ name: text('machine', names('machine', 'MACHINE')), to: text('where') }, ['name']);

  test('of names is offered as one types, and the best one taken by Enter', async () => {
    const { form, settled, told } = open(named, {}, { name: machines });
    await settled();
    type(form, 'edb');
    expect(picture(form)).toContain('▐erp-db');
    press(form, 'enter');
    expect(form.values).toEqual({ name: 'erp-db' });
    expect(told).not.toContain('sent');
    press(form, 'enter');
    expect(told.at(-1)).toBe('sent');
  });

  test('never takes the place of another name that was typed out, although its title has all the letters', async () => {
    const stale = [{ value: 'main', title: 'main: a disk in /srv/second-place', refused: null }];
    const { form, settled, told } = open(named, {}, { name: stale });
    await settled();
    type(form, 'second');
    press(form, 'enter');
    expect(form.values).toEqual({ name: 'second' });
    expect(told.at(-1)).toBe('sent');
  });

  test('that cannot be made is shown with its reason and not taken', async () => {
    const { form, settled } = open(named, {}, { name: machines });
    await settled();
    type(form, 'web');
    expect(picture(form)).toContain('✗ is being restored');
    press(form, 'down', 'enter');
    expect(form.values).toEqual({ name: 'web' });
    expect(rowsOf(drawn(form, 110))[0]).toContain('✗ is being restored');
  });

  test('is put away by Escape, and what was typed stays', async () => {
    const { form, settled, told } = open(named, {}, { name: machines });
    await settled();
    type(form, 'e');
    expect(press(form, 'escape')).toEqual([true]);
    press(form, 'enter');
    expect([form.values, told.at(-1)]).toEqual([{ name: 'e' }, 'sent']);
  });

  test('of free text does not replace what is typed unless one goes to it', async () => {
    const { form, settled, told } = open(args({ at: text('when') }), {}, { at: [choice('14:00 today')] });
    await settled();
    type(form, '14:00');
    press(form, 'enter');
    expect([form.values, told.at(-1)]).toEqual([{ at: '14:00' }, 'sent']);
    press(form, 'backspace', 'down', 'enter');
    expect(form.values).toEqual({ at: '14:00 today' });
  });

  test('is shown in an empty field by going down', async () => {
    const { form, settled } = open(named, {}, { name: machines });
    await settled();
    expect(picture(form)).toContain('↓ 3 choices');
    press(form, 'down');
    expect(picture(form)).toContain('▐web-07');
    press(form, 'up', 'tab', 'shift+tab', 'down', 'enter');
    expect(form.values).toEqual({ name: 'web-07' });
  });

  test('is asked for again when another value has changed, and a late answer is dropped', async () => {
    const waiting: ((choices: readonly Choice[]) => void)[] = [];
    const form = new FormWidget({
      invalidate: () => {},
      choices: () => new Promise((resolve) => waiting.push(resolve)),
      onChange: () => {},
      onSubmit: () => {},
    });
    form.set(named, {});
    await new Promise((resolve) => setImmediate(resolve));
    press(form, 'tab');
    type(form, 'x');
    press(form, 'shift+tab');
    await new Promise((resolve) => setImmediate(resolve));
    expect(waiting).toHaveLength(3);
    waiting[2]?.([choice('new')]);
    await new Promise((resolve) => setImmediate(resolve));
    waiting[0]?.([choice('old')]);
    await new Promise((resolve) => setImmediate(resolve));
    press(form, 'down');
    expect(picture(form)).toContain('▐new');
    expect(picture(form)).not.toContain('old');
  });

  test('that could not be asked for leaves a field to type in, and says why', async () => {
    const form = new FormWidget({
      invalidate: () => {},
      choices: () => Promise.reject(new Error('the endpoint does not answer')),
      onChange: () => {},
      onSubmit: () => {},
    });
    form.set(named, {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(picture(form, 120)).toContain('◐ no choices: the endpoint does not answer');
    type(form, 'web');
    expect(form.values).toEqual({ name: 'web' });
  });
});

describe('a list', () => {
  const steps = args({ steps: several('steps', { default: ['snapshot', 'proxy'], 'x-separator': ',' }), to: text('') });

  test('begins with its default, which is given only once it is changed', () => {
    const { form } = open(steps);
    press(form, 'up', 'down', 'tab', 'tab');
    expect(form.values).toEqual({});
    type(form, 'copy');
    press(form, 'enter');
    expect(form.values).toEqual({ steps: ['snapshot', 'proxy', 'copy'] });
  });

  test('is put in order, added to and taken from', () => {
    const { form } = open(steps);
    press(form, 'up', 'alt+up');
    expect(form.values).toEqual({ steps: ['proxy', 'snapshot'] });
    press(form, 'alt+up', 'alt+down', 'alt+down');
    expect(form.values).toEqual({ steps: ['snapshot', 'proxy'] });
    press(form, 'delete');
    expect(form.values).toEqual({ steps: ['snapshot'] });
    press(form, 'up', 'delete');
    expect(form.values).toEqual({ steps: [] });
  });

  test('takes several that are typed or pasted with what parts them', () => {
    const { form } = open(steps);
    type(form, 'copy,archive');
    expect(form.values).toEqual({ steps: ['snapshot', 'proxy', 'copy', 'archive'] });
    form.paste('verify\nmigrate, replicate\n');
    expect(form.values.steps).toEqual(['snapshot', 'proxy', 'copy', 'verify', 'migrate', 'replicate', 'archive']);
  });

  test('loses nothing of what was begun when one goes on', () => {
    const { form } = open(steps);
    type(form, 'copy');
    press(form, 'tab');
    expect(form.values).toEqual({ steps: ['snapshot', 'proxy', 'copy'] });
    expect(picture(form)).toContain('snapshot, proxy, copy');
  });

  test('that is needed is missing while it is empty', () => {
    const { form } = open(args({ machines: several('machines') }, ['machines']));
    expect(form.isComplete).toBe(false);
    type(form, 'web-07');
    press(form, 'enter');
    expect(form.isComplete).toBe(true);
    press(form, 'backspace', 'backspace');
    expect(form.isComplete).toBe(false);
  });
});

describe('an object', () => {
  const lock = {
    type: 'object',
    title: 'Lock',
    required: ['days'],
    properties: { days: whole('days'), mode: text('') },
  };

  test('has its fields under a heading, and gives them together', async () => {
    const { form, asked, settled } = open(args({ to: text('target'), lock }));
    expect(picture(form)).toContain('  Lock\n  days');
    press(form, 'tab');
    type(form, '90');
    press(form, 'tab');
    expect(form.values).toEqual({ lock: { days: 90 } });
    await settled();
    expect(asked.at(-1)).toEqual(['lock.mode', { lock: { days: 90 } }]);
  });

  test('is needed in parts only when it is begun, unless it is needed itself', () => {
    const { form } = open(args({ to: text('target'), lock }));
    expect(form.isComplete).toBe(true);
    press(form, 'tab', 'tab');
    type(form, 'governance');
    expect(form.problems).toEqual([{ name: 'lock.days', text: 'days is needed' }]);
    expect(open(args({ lock }, ['lock'])).form.isComplete).toBe(false);
  });
});

describe('a secret in a form', () => {
  const schema = args({ password: text('password', { secret: true, pattern: '^[a-z ]{20}$' }), user: text('') });

  test('is never drawn, nor told by what is wrong with it', () => {
    const { form } = open(schema, {});
    type(form, 'correct horse');
    const seen = picture(form, 120) + inspect(form.problems) + inspect(form, { depth: 3 });
    expect(seen).not.toContain('horse');
    expect(form.problems).toEqual([{ name: 'password', text: 'password is not written as it should be' }]);
    press(form, 'tab');
    expect(picture(form, 120)).not.toContain('horse');
    expect(form.values).toEqual({ password: 'correct horse' });
  });

  test('is not shown whatever its type is, and comes as that type', async () => {
    const all = {
      pin: whole('pin', { secret: true }),
      one: text('one', { secret: true, enum: ['horse', 'battery'] }),
      keys: several('keys', { secret: true, 'x-separator': ',' }),
      last: text('not a secret'),
    };
    const { form, asked, settled } = open(args(all));
    type(form, '4711');
    press(form, 'tab');
    type(form, 'horse');
    press(form, 'tab');
    form.paste('battery,staple\ncorrect');
    press(form, 'tab');
    await settled();
    expect(form.values).toEqual({ pin: 4711, one: 'horse', keys: ['battery', 'staple', 'correct'] });
    expect(picture(form, 120)).not.toMatch(/4711|horse|battery|staple|correct/);
    expect(asked).toEqual([['last', {}]]);
  });

  test('does not become a text when another form asks for a text of that name', () => {
    const { form } = open(schema, {});
    type(form, 'horse');
    form.set(args({ password: text('no longer one') }), {});
    expect(form.values).toEqual({});
    expect(picture(form)).not.toContain('horse');
  });
});
