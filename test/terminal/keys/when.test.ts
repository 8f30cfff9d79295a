import type { Plain } from '@holdfast/api';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overlapOf } from '../../../core/terminal/keys/overlap.ts';
import { parseWhen } from '../../../core/terminal/keys/when.ts';
import { hostileString } from '../../model/text/hostile-strings.ts';

const context: Record<string, Plain> = {
  kind: 'machine',
  row: 'web-07',
  marked: ['a', 'b'],
  none: [],
  points: 3,
  isAdmin: true,
  empty: '',
};

describe('a condition', () => {
  test.each([
    ["kind == 'machine'", true],
    ['kind == "machine"', true],
    ["kind != 'machine'", false],
    ['marked', true],
    ['none', false],
    ['empty', false],
    ['missing', false],
    ['!missing', true],
    ["missing != 'x'", true],
    ["missing == ''", false],
    ['marked > 1', true],
    ['marked > 2', false],
    ['points >= 3 && points < 4', true],
    ["points == '3'", false],
    ["row > 'a'", false],
    ["isAdmin && (kind == 'run' || points > 2)", true],
    ["isAdmin && kind == 'run' || points > 2", true],
    ['!(isAdmin && marked)', false],
    ['!!isAdmin', true],
    ['points > -1', true],
    ['true', true],
    ['toString', false],
    ['__proto__', false],
    ['constructor', false],
  ])('%s is %s', (text, expected) => {
    expect(parseWhen(text).evaluate(context)).toBe(expected);
  });

  test.each([
    ['', 'it is empty'],
    ['kind =', 'at letter 6: an unknown sign'],
    ['kind == ', 'a name, a number or a text is missing'],
    ['(a', 'at its end: a `)` is missing'],
    ['a b', 'at letter 3: something is left over'],
    ['a & b', 'at letter 3: an unknown sign'],
    ["'open", 'at letter 1: an unknown sign'],
    ['1x', 'at letter 1: an unknown sign'],
    [`${'('.repeat(40)}a${')'.repeat(40)}`, 'more than 32 in each other'],
    [`${'!'.repeat(40)}a`, 'more than 32 in each other'],
    ['a'.repeat(1001), 'longer than 1000 letters'],
  ])('that is not understood is refused with the place: %j', (text, problem) => {
    expect(() => parseWhen(text)).toThrow(problem);
  });

  test('means what it means in JavaScript, however it is put together', () => {
    const names = ['a', 'b', 'c'] as const;
    interface Pair {
      readonly text: string;
      readonly value: (context: Record<string, number>) => boolean;
    }
    const { tree } = fc.letrec<{ tree: Pair }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.tuple(fc.constantFrom(...names), fc.constantFrom('==', '!=', '>', '<'), fc.integer({ min: 0, max: 2 })).map(
          ([name, how, number]): Pair => ({
            text: `${name} ${how} ${number}`,
            value: (given) => {
              const own = given[name] ?? 0;
              if (how === '==') return own === number;
              if (how === '!=') return own !== number;
              return how === '>' ? own > number : own < number;
            },
          }),
        ),
        fc.constantFrom(...names).map((name): Pair => ({ text: name, value: (given) => given[name] !== 0 })),
        tie('tree').map((of): Pair => ({ text: `!(${of.text})`, value: (given) => !of.value(given) })),
        fc.tuple(tie('tree'), tie('tree'), fc.boolean()).map(
          ([left, right, isAnd]): Pair => ({
            text: isAnd ? `(${left.text}) && (${right.text})` : `(${left.text}||${right.text})`,
            value: (given) =>
              isAnd ? left.value(given) && right.value(given) : left.value(given) || right.value(given),
          }),
        ),
      ),
    }));
    const numbers = fc.record({ a: fc.nat(2), b: fc.nat(2), c: fc.nat(2) });
    fc.assert(
      fc.property(tree, numbers, ({ text, value }, given) => {
        fc.pre(text.length <= 1000);
        expect(parseWhen(text).evaluate(given)).toBe(value(given));
      }),
    );
  });

  test('of a stranger is understood or refused, and never anything else', () => {
    const pieces = fc.constantFrom('a', '==', '&&', '||', '!', '(', ')', "'x'", '"', ' ', '1', '>', '-', '.', 'true');
    fc.assert(
      fc.property(
        fc.oneof(
          hostileString,
          fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
        ),
        (text) => {
          try {
            parseWhen(text).evaluate(context);
          } catch (error) {
            expect(error).toMatchObject({ code: 'KEYS_INVALID' });
          }
        },
      ),
    );
  });
});

describe('two conditions', () => {
  const overlap = (first: string | null, second: string | null) =>
    overlapOf(first === null ? null : parseWhen(first), second === null ? null : parseWhen(second));

  test.each([
    ["kind == 'a'", "kind == 'b'", false, false],
    ['marked', '!marked', false, false],
    ['points > 2', 'points < 2', false, false],
    ['points > 1', 'points < 2', true, false],
    ['points > 1', 'points > 2', true, true],
    ["kind == 'a' || isAdmin", "kind == 'a'", true, true],
    ["kind != 'a'", "kind == 'b'", true, true],
    ['a', 'b', true, false],
    [null, "kind == 'b'", true, true],
    ["kind == 'b'", null, true, false],
  ])('%s and %s: can both hold %s, the first covers the second %s', (first, second, canBoth, isCovered) => {
    expect(overlap(first, second)).toEqual({ canBoth, isCovered });
  });

  test('of many names are taken to meet, in a moment', () => {
    const names = Array.from({ length: 60 }, (_, index) => `n${index}`).join(' && ');
    expect(overlap(names, `!(${names})`)).toEqual({ canBoth: true, isCovered: false });
  });
});
