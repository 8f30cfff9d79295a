import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changePolicy, machineWords } from '../../../core/shell/commands/policy/editing/change-policy.ts';
import { readKeep, writeKeep } from '../../../core/shell/commands/policy/editing/keep-words.ts';
import { diffLines } from '../../../core/shell/commands/policy/editing/line-diff.ts';
import { wordsOf } from '../../../core/shell/commands/policy/editing/policy-words.ts';
import type { Raw } from '../../../core/shell/commands/policy/editing/raw-policy.ts';

const line = fc.constantFrom('a', 'b', 'c', '', '  d: 1', '# why');
const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.map((one) => `${one}\n`).join(''));
const linesOf = (whole: string): readonly string[] => (whole === '' ? [] : whole.replace(/\n$/, '').split('\n'));
const count = (lines: readonly string[], wanted: string): number => lines.filter((one) => one === wanted).length;

test('what a change of a file is shown as is what changed: each line that went and each that came', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const shown = diffLines(before, after);
      for (const one of ['a', 'b', 'c', '  d: 1', '# why']) {
        const came = shown.filter(({ kind, text: said }) => kind === 'added' && said === one).length;
        const went = shown.filter(({ kind, text: said }) => kind === 'removed' && said === one).length;
        expect(came - went).toBe(count(linesOf(after), one) - count(linesOf(before), one));
      }
      const isEqual =
        linesOf(before).length === linesOf(after).length && linesOf(before).join() === linesOf(after).join();
      if (isEqual) expect(shown).toEqual([]);
    }),
  );
});

test('a change in a long file shows what stands beside it and nothing of the rest', () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index}`);
  const shown = diffLines(lines.join('\n'), lines.with(2_500, 'another').with(2_520, 'and one').join('\n'));
  expect(shown.map(({ kind }) => kind).filter((kind) => kind !== 'same')).toEqual([
    'removed',
    'added',
    'removed',
    'added',
  ]);
  expect(shown.length).toBeLessThan(15);
});

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const several = fc.uniqueArray(word, { minLength: 1, maxLength: 3 });
const counts = fc.record({ daily: fc.integer({ min: 1, max: 50 }), weekly: fc.integer({ min: 1, max: 9 }) });

const policy: fc.Arbitrary<Raw> = fc.record(
  {
    title: word,
    protect: fc.record({ endpoint: word, names: several, tags: several, except: several }, { requiredKeys: ['names'] }),
    objective: fc.record({ rpo: fc.constantFrom('4h', '1d'), rto: fc.constantFrom('1h', '30m') }),
    window: fc.constantFrom('Mon-Fri 20:00-06:00', 'weekends 00:00-24:00'),
    jitter: fc.constantFrom('10m', '1h'),
    paused: fc.constant(true),
    workflows: fc.record({
      backup: fc
        .record({
          schedule: fc.constantFrom('0 2 * * *', 'Sun 02:00'),
          to: word,
          quiesce: fc.constantFrom('none', 'x'),
        })
        .map(({ schedule, to, quiesce }) => ({
          schedule,
          steps: [{ snapshot: { quiesce } }, { proxy: { to } }],
        })),
    }),
    keep: fc.dictionary(word, counts, { minKeys: 1, maxKeys: 3 }),
  },
  { requiredKeys: ['protect', 'workflows'] },
);

const schema = (use: string) =>
  use === 'proxy' ? { properties: { to: { type: 'string', format: 'target-name' } } } : { properties: {} };

test('the words of a policy make the same policy of nothing', () => {
  fc.assert(
    fc.property(policy, (raw) => {
      const words = wordsOf(raw, null, schema);
      expect(changePolicy({}, { ...words }, [], schema)).toEqual(raw);
    }),
  );
});

test('a policy of which nothing is said stays as it is', () => {
  fc.assert(
    fc.property(policy, (raw) => {
      expect(changePolicy(raw, {}, [], schema)).toEqual(raw);
    }),
  );
});

test('retention in words is read as it was written, and anything else is refused', () => {
  fc.assert(
    fc.property(word, counts, (target, rules) => {
      expect(readKeep(writeKeep(target, rules))).toEqual({ target, counts: rules });
    }),
  );
  expect(readKeep('main:everything')).toEqual({ target: 'main', counts: {} });
  expect(readKeep('main:')).toEqual({ target: 'main', counts: null });
  for (const wrong of ['daily=3', ':daily=3', 'main:daily', 'main:daily=-1', 'main:often=3', 'main:daily=1x']) {
    expect(() => readKeep(wrong), wrong).toThrow(/--keep/);
  }
});

test('machines name their endpoint only where it is one of those that are set up', () => {
  expect(machineWords(['lab/a', 'lab/b'], ['lab'])).toEqual({ name: ['a', 'b'], endpoint: ['lab'] });
  expect(machineWords(['lab/a', 'b'], ['lab'])).toEqual({ name: ['a', 'b'], endpoint: [] });
  expect(machineWords(['odd/name'], ['lab'])).toEqual({ name: ['odd/name'], endpoint: [] });
});
