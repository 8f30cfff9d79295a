import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeKey } from '../../../core/terminal/keys/describe-key.ts';
import { keyName, parseKeys } from '../../../core/terminal/keys/key-name.ts';
import { hostileString } from '../../model/text/hostile-strings.ts';

describe('a key is understood', () => {
  test.each([
    ['p', ['p']],
    ['P', ['P']],
    ['shift+p', ['P']],
    ['?', ['?']],
    ['+', ['+']],
    ['ctrl++', ['ctrl++']],
    ['Ctrl+P', ['ctrl+p']],
    ['ctrl+shift+p', ['ctrl+shift+p']],
    ['Shift+Ctrl+Right', ['ctrl+shift+right']],
    ['alt+X', ['alt+x']],
    ['ESC', ['escape']],
    ['Return', ['enter']],
    ['pgdn', ['pagedown']],
    ['F5', ['f5']],
    ['g m', ['g', 'm']],
    ['  ctrl+k   ctrl+s ', ['ctrl+k', 'ctrl+s']],
    ['ü', ['ü']],
    ['space space', ['space', 'space']],
  ])('however a person writes it: %j', (text, keys) => {
    expect(parseKeys(text)).toEqual(keys);
  });

  test.each([
    ['', 'is empty'],
    ['a b c', 'more than two keys'],
    ['cmd+p', 'a modifier that terminals do not send'],
    ['ctrl+', 'is not known'],
    ['ctrl+ctrl+p', 'is not known'],
    ['word', 'is not known'],
    ['f25', 'is not known'],
    ['\x1b', 'is not known'],
    ['x'.repeat(65), 'longer than 64 letters'],
  ])('or refused with what is wrong: %j', (text, problem) => {
    expect(() => parseKeys(text)).toThrow(problem);
  });

  test('under one name, whatever a terminal calls it', () => {
    expect(['esc', 'pgup', 'pageup', 'alt+X', 'shift+tab', 'A', 'ctrl+p'].map(keyName)).toEqual([
      'escape',
      'pageup',
      'pageup',
      'alt+shift+x',
      'shift+tab',
      'A',
      'ctrl+p',
    ]);
  });

  test('and what was understood is understood again as the same', () => {
    const part = fc.constantFrom(
      'ctrl+',
      'alt+',
      'shift+',
      'g',
      'G',
      'up',
      'f1',
      'space',
      ' ',
      '+',
      'enter',
      'ß',
      '你',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        let keys: readonly string[];
        try {
          keys = parseKeys(parts.join(''));
        } catch {
          return;
        }
        expect(parseKeys(keys.join(' '))).toEqual(keys);
        expect(keys.map(keyName)).toEqual(keys);
      }),
    );
  });

  test('and no hostile text does harm', () => {
    fc.assert(
      fc.property(hostileString, (text) => {
        keyName(text);
        expect(describeKey(text)).not.toMatch(/[\p{Cc}\u202e]/u);
        try {
          parseKeys(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'KEYS_INVALID' });
          expect((error as Error).message).not.toMatch(/[\p{Cc}\u202e]/u);
        }
      }),
    );
  });
});

test.each([
  ['enter', '⏎'],
  ['up/down', '↑↓'],
  ['left/right', '←→'],
  ['ctrl+p', '^P'],
  ['ctrl+k ctrl+s', '^K ^S'],
  ['ctrl+right', '^→'],
  ['g m', 'g m'],
  ['shift+tab', 'shift+tab'],
  ['f1', 'F1'],
  ['pageup', 'pgup'],
  ['/', '/'],
  ['alt+up', 'alt+↑'],
  ['escape', 'esc'],
])('hints show %s as %s', (key, shown) => {
  expect(describeKey(key)).toBe(shown);
});
