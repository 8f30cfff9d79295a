import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SafeText } from '../../../core/model/text/safe-text.ts';
import { Colours } from '../../../core/terminal/screen/colours.ts';
import { Wire } from '../../../core/terminal/screen/wire.ts';
import { hostileString } from '../../model/text/hostile-strings.ts';
import { testTheme } from '../emulator/test-theme.ts';
import { openTestScreen } from './open-test-screen.ts';

const acting = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const ours = /\x1b\[[0-9;]*[HCGmrLMJKX]/g;

const sentFor = (text: string): string => {
  const wire = new Wire(new Colours(testTheme(), 'truecolor'), 80, true);
  wire.feed(`\x1b[1;1H${text}`);
  return wire.take();
};

test('defect 11: what is fed to a terminal past every other guard reaches it without effect', () => {
  const attacks = [
    '\x1b]52;c;ZXZpbA==\x07',
    '\x1b]0;owned\x1b\\',
    '\x1b[6n',
    '\x1b[?1049l',
    '\x1b[>1u\x1b[c',
    '\x1bP+q544e\x1b\\',
    '\x1bc',
    '\x9b2J\x9d0;x\x9c',
    '\x1b[2;3;4t',
    '\x1b[38;5;1;\x1b[2J',
    'abc\r\n\b\x00\x7f',
    '\u202eevil\u2066',
    `\x1b[${'1;'.repeat(100)}m`,
  ];
  for (const attack of attacks) {
    // `CSI 2 J`, as blessed clears with, is one of ours.
    const left = sentFor(attack).replace(ours, '');
    expect([attack, acting.test(left)]).toEqual([attack, false]);
  }
});

test('defect 11: whatever hostile text is made of, only sequences of a frame get through', () => {
  fc.assert(
    fc.property(fc.array(hostileString, { maxLength: 5 }), (parts) => {
      expect(sentFor(parts.join('')).replace(ours, '')).not.toMatch(acting);
    }),
  );
});

test('defect 11: a name that claims to be safe is drawn as boxes where it is not', async () => {
  const { terminal } = await openTestScreen({ columns: 40, rows: 2 }, (surface) => {
    surface.text(0, 0, 'a\x1b]0;owned\x07\x9b2J\u202ez' as SafeText);
  });
  expect(terminal.row(0).trimEnd()).toBe('a▯]0;owned▯▯2Jz');
  expect(terminal.title).toBe('');
});

test('blanks are erased instead of sent, and jumps are as short as they can be', () => {
  const wire = new Wire(new Colours(testTheme(), 'truecolor'), 80, true);
  wire.feed(`\x1b[2;1Hab${' '.repeat(20)}cd${' '.repeat(56)}`);
  expect(wire.take()).toBe('\x1b[2H\x1b[mab\x1b[20X\x1b[20Ccd\x1b[K');
  wire.feed('\x1b[2;27He');
  expect(wire.take()).toBe('\x1b[2C' + 'e');
  wire.feed('\x1b[2;1Hf\x1b[1Cg');
  expect(wire.take()).toBe('\x1b[1Gf\x1b[Cg');
});
