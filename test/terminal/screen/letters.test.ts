import unicode from '@xterm/addon-unicode11';
import { expect, test } from 'vitest';
import { safeText } from '../../../core/model/text/safe-text.ts';
import { displayWidth } from '../../../core/shell/format/width.ts';
import { lettersOf } from '../../../core/terminal/cells/letters.ts';
import { columnsOf, shownLetter } from '../../../core/terminal/screen/shown-letter.ts';
import { openTestScreen } from './open-test-screen.ts';

interface Widths {
  wcwidth(code: number): number;
}

function unicode11(): Widths {
  let widths: Widths | null = null;
  const register = (provider: Widths) => {
    widths = provider;
  };
  new unicode.Unicode11Addon().activate({ unicode: { register } });
  if (widths === null) throw new Error('there are no widths');
  return widths;
}

test('defect 4: every letter there is takes as many columns in a terminal as we give it', () => {
  const terminal = unicode11();
  const wrong: string[] = [];
  for (let code = 0x20; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const letter = String.fromCodePoint(code);
    const columns = displayWidth(letter);
    if (columns < 1) continue;
    const { first, second } = shownLetter(letter, columns > 1 ? 2 : 1);
    const seen = [...first, ...(second ?? '')].reduce(
      (sum, point) => sum + terminal.wcwidth(point.codePointAt(0) ?? 0),
      0,
    );
    const ours = columnsOf(first) + (second ?? '').length;
    if (seen !== columns || ours !== columns) wrong.push(`${code.toString(16)}: ${columns}, shown ${seen}`);
  }
  expect(wrong).toEqual([]);
});

test('defect 4: borders stay in their column beside letters of every kind', async () => {
  const names = [
    '备份',
    '📼💾',
    '✅❌',
    '🫠',
    '🇩🇪',
    '👨‍👩‍👧',
    '⚠️',
    '1️⃣',
    '👍🏽',
    'e\u0301',
    'का',
    'می\u200cخواهم',
    '한글',
    '═║░',
    '＆',
  ];
  const { terminal } = await openTestScreen({ columns: 24, rows: names.length }, (surface) => {
    for (const [y, name] of names.entries()) {
      const text = safeText(name);
      const width = surface.text(1, y, text);
      surface.text(0, y, safeText('│'));
      surface.text(1 + width, y, safeText('│'));
      surface.text(20, y, safeText('│'));
    }
  });
  for (const [y, name] of names.entries()) {
    const width = [...lettersOf(safeText(name))].reduce((sum, { columns }) => sum + columns, 0);
    const borders = Array.from({ length: 24 }, (_, x) => x).filter((x) => terminal.cell(x, y).char === '│');
    expect([name, borders]).toEqual([name, [0, 1 + width, 20]]);
  }
});

test('defect 4: what terminals disagree about is shown as what they agree about', () => {
  expect(shownLetter('👨‍👩‍👧', 2)).toEqual({ first: '👨', second: null });
  expect(shownLetter('🇩🇪', 2)).toEqual({ first: 'D', second: 'E' });
  expect(shownLetter('⚠️', 2)).toEqual({ first: '⚠', second: ' ' });
  expect(shownLetter('1️⃣', 2)).toEqual({ first: '1', second: ' ' });
  expect(shownLetter('👍🏽', 2)).toEqual({ first: '👍', second: null });
  expect(shownLetter('🫠', 2)).toEqual({ first: '▯', second: ' ' });
  expect(shownLetter('का', 1)).toEqual({ first: '▯', second: null });
  expect(shownLetter('e\u0301', 1)).toEqual({ first: 'é', second: null });
  expect(shownLetter('\x1b', 1)).toEqual({ first: '▯', second: null });
  expect(shownLetter('📼', 2)).toEqual({ first: '📼', second: null });
});

test('defect 5: lines are sent as the letters they are, not in an alternate character set', async () => {
  const { terminal } = await openTestScreen({ columns: 12, rows: 1 }, (surface) =>
    surface.text(0, 0, safeText('┌─┬─┐│▒◆')),
  );
  expect(terminal.row(0)).toBe('┌─┬─┐│▒◆    ');
  expect(terminal.sent).toContain('┌─┬─┐│▒◆');
  expect(terminal.sent).not.toMatch(/\x1b\(0|\x0e|\x0f/);
});
