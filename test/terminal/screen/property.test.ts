import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeText } from '../../../core/model/text/safe-text.ts';
import { Grid } from '../../../core/terminal/cells/grid.ts';
import type { ColourDepth, Style, Surface } from '../../../core/terminal/contract.ts';
import { Colours } from '../../../core/terminal/screen/colours.ts';
import { shownLetter } from '../../../core/terminal/screen/shown-letter.ts';
import { hostileString } from '../../model/text/hostile-strings.ts';
import type { Emulator } from '../emulator/emulator.ts';
import type { Cell } from '../emulator/picture.ts';
import { testTheme } from '../emulator/test-theme.ts';
import { openTestScreen } from './open-test-screen.ts';

type Step = { draw: (surface: Surface) => void; resize?: [number, number]; shade?: number };

const tokens = [
  'editor.background',
  'tone.good',
  'tone.bad',
  'list.activeSelectionBackground',
  'statusBar.background',
] as const;
const style: fc.Arbitrary<Style> = fc.record(
  {
    fg: fc.constantFrom(...tokens),
    bg: fc.constantFrom(...tokens),
    bold: fc.boolean(),
    dim: fc.boolean(),
    underline: fc.boolean(),
    inverse: fc.boolean(),
  },
  { requiredKeys: [] },
);
const words = fc.oneof(
  fc.constantFrom(
    'vm-0001 ● safe',
    '备份机',
    '📼 tape',
    '─│┌┐',
    '👨‍👩‍👧 x',
    'e\u0301\u0301',
    '🇩🇪|',
    ' '.repeat(30),
    '한글a',
    'x'.repeat(60),
  ),
  hostileString,
);
const at = fc.integer({ min: -3, max: 50 });
const text = fc
  .record({ x: at, y: at, words, style })
  .map(({ x, y, words: said, style: look }) => (surface: Surface) => {
    surface.text(x, y, safeText(said, 80), look);
  });
const fill = fc.record({ x: at, y: at, width: at, height: at, style }).map((part) => (surface: Surface) => {
  surface.fill(part.x, part.y, part.width, part.height, part.style);
});
/** Rows that move, as when a table is scrolled, beside something that stays. */
const rows = fc
  .record({ top: fc.nat(20), left: fc.nat(10), style })
  .map(({ top, left, style: look }) => (surface: Surface) => {
    for (let y = 0; y < surface.height; y++)
      surface.text(left, y, safeText(`row ${top + y} of ${(top + y) * 7919} `.repeat(2)), look);
  });
const cursor = fc.record({ x: at, y: at }).map(
  ({ x, y }) =>
    (surface: Surface) =>
      surface.cursor(x, y),
);
const drawing = fc
  .array(fc.oneof({ arbitrary: text, weight: 5 }, { arbitrary: rows, weight: 3 }, fill, cursor), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => (surface: Surface) => {
    for (const part of parts) part(surface);
  });
const step: fc.Arbitrary<Step> = fc.record(
  {
    draw: drawing,
    resize: fc.tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 20 })),
    shade: fc.nat(3),
  },
  { requiredKeys: ['draw'] },
);

const sgrOf = (code: string): Cell['fg'] => {
  const [kind, ...rest] = code.split(';').map(Number);
  if (kind === 39 || kind === 49 || kind === undefined) return null;
  if (rest[0] === 2)
    return `#${rest
      .slice(1)
      .map((part) => part.toString(16).padStart(2, '0'))
      .join('')}`;
  if (rest[0] === 5) return rest[1] ?? null;
  return kind >= 90 ? (kind % 10) + 8 : kind % 10;
};

/** What a grid must look like in a terminal, cell by cell; what cannot be seen (the ink of blanks) is left out. */
function wanted(grid: Grid, colours: Colours): string[] {
  const cells: string[] = [];
  for (let i = 0; i < grid.chars.length; i++) {
    const char = grid.chars[i] ?? ' ';
    const isWide = (i + 1) % grid.width !== 0 && grid.chars[i + 1] === '' && char !== '';
    const look = colours.look(grid.fg[i] ?? 0, grid.bg[i] ?? 0, grid.flags[i] ?? 0);
    const { first, second } = shownLetter(char === '' ? ' ' : char, isWide ? 2 : 1);
    cells.push(shown(first, sgrOf(look.fg), sgrOf(look.bg), look.flags));
    if (!isWide) continue;
    i += 1;
    cells.push(second === null ? '' : shown(second, sgrOf(look.fg), sgrOf(look.bg), look.flags));
  }
  return cells;
}

const shown = (char: string, fg: Cell['fg'], bg: Cell['bg'], flags: number): string => {
  const seen = char === ' ' ? flags & 12 : flags;
  return `${char} ${char === ' ' && (seen & 8) === 0 ? '' : fg} ${bg} ${seen}`;
};

function seen(terminal: Emulator, width: number, height: number): string[] {
  return Array.from({ length: width * height }, (_, i) => {
    const cell = terminal.cell(i % width, Math.floor(i / width));
    if (cell.columns === 0) return '';
    const flags =
      Number(cell.bold) | (Number(cell.dim) << 1) | (Number(cell.underline) << 2) | (Number(cell.inverse) << 3);
    return shown(cell.char, cell.fg, cell.bg, flags);
  });
}

test.each(['truecolor', '256', '16', 'mono'] as const)(
  'whatever is drawn, in windows of whatever size, a terminal with %s colours shows exactly that',
  async (depth: ColourDepth) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const { terminal, draw, theme, screen, crashes } = await openTestScreen({ columns: 40, rows: 10, depth });
        let [columns, lines, current] = [40, 10, testTheme()];
        for (const { draw: picture, resize, shade } of steps) {
          if (resize !== undefined) [columns, lines] = resize;
          if (resize !== undefined) terminal.resize(columns, lines);
          if (shade !== undefined) current = testTheme(shade);
          await theme(current);
          await draw(picture);
          const grid = new Grid(columns, lines);
          picture(grid.surface());
          expect(crashes).toEqual([]);
          expect(seen(terminal, columns, lines)).toEqual(wanted(grid, new Colours(current, depth)));
          expect(terminal.cursor()).toEqual(grid.cursor);
        }
        screen.close();
        terminal.close();
      }),
      { numRuns: 25 },
    );
  },
);

test('rows that are moved up and down in any way, beside what stays, are shown as if they had been drawn anew', async () => {
  const list = fc.record({
    from: fc.nat(6),
    to: fc.integer({ min: 8, max: 24 }),
    left: fc.nat(12),
    // Rows that look alike are easily taken for one another.
    kinds: fc.array(fc.nat(3), { minLength: 120, maxLength: 120 }),
    moves: fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(list, async ({ from, to, left, kinds, moves }) => {
      const theme = testTheme();
      const { terminal, draw, screen } = await openTestScreen({ columns: 50, rows: 20, theme });
      let top = 50;
      for (const by of [0, ...moves]) {
        top += by;
        const picture = (surface: Surface) => {
          for (let y = 0; y < 20; y++) surface.text(0, y, safeText(`side ${y}`));
          for (let y = from; y < Math.min(to, 20); y++) {
            const row = kinds[top + y] ?? 0;
            surface.text(left, y, safeText(`${'abcdefghij'[row]}${row} `.repeat(12)), {
              bg: row === 3 ? 'tone.bad' : 'editor.background',
            });
          }
        };
        await draw(picture);
        const grid = new Grid(50, 20);
        picture(grid.surface());
        expect(seen(terminal, 50, 20)).toEqual(wanted(grid, new Colours(theme, 'truecolor')));
      }
      screen.close();
      terminal.close();
    }),
    { numRuns: 40 },
  );
});
