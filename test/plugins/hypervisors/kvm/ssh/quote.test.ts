import { execFileSync } from 'node:child_process';
import { HoldfastError } from '@holdfast/api';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAddress } from '../../../../../plugins/hypervisors/kvm/src/ssh/address.ts';
import { quoteArgv } from '../../../../../plugins/hypervisors/kvm/src/ssh/quote.ts';

const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0') && text.isWellFormed()),
  fc.constantFrom(
    '',
    "'",
    "''",
    `"`,
    '$(id)',
    '`id`',
    '$HOME',
    '\\',
    "\\'",
    '\n',
    '; id',
    '&& id',
    '~',
    '*',
    '-rf',
    '!!',
    '#x',
    'a=b',
    '|',
  ),
);

describe('words for the shell of another host', () => {
  test('reach the program exactly as they are, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        const line = quoteArgv(['printf', '%s\\0', ...words]);
        const printed = execFileSync('sh', ['-c', line]).toString('utf8');
        expect(printed).toBe(words.map((one) => `${one}\0`).join(''));
      }),
      { numRuns: 150 },
    );
  });

  test('a first word with = in it is a program, not an assignment', () => {
    expect(quoteArgv(['a=b', 'c=d'])).toBe(`'a=b' c=d`);
  });

  test('a word with a NUL is refused, for no program can be given it', () => {
    expect(() => quoteArgv(['echo', 'a\0b'])).toThrow(HoldfastError);
  });
});

describe('the host of an endpoint', () => {
  test.each([
    ['root@kvm1', { user: 'root', host: 'kvm1', port: 22 }],
    ['kvm1', { user: 'me', host: 'kvm1', port: 22 }],
    ['op@10.0.0.1:2222', { user: 'op', host: '10.0.0.1', port: 2222 }],
    ['op@[fe80::1]:2222', { user: 'op', host: 'fe80::1', port: 2222 }],
  ])('%s is read', (text, address) => {
    expect(readAddress(text, () => 'me')).toEqual(address);
  });

  test.each(['', 'a b', 'root@', 'kvm:0', 'kvm:99999', '-oProxyCommand=id', 'root@kvm;id', 'x@y@z'])(
    '%j is refused',
    (text) => {
      if (text === '-oProxyCommand=id') return expect(() => readAddress(text)).toThrow();
      return expect(() => readAddress(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    },
  );
});
