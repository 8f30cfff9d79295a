import { expect, test } from 'vitest';
import { safeText } from '../../../core/model/text/safe-text.ts';
import type { Surface } from '../../../core/terminal/contract.ts';
import { plainTheme, testTheme } from '../emulator/test-theme.ts';
import { openTestScreen } from './open-test-screen.ts';

const draw = (surface: Surface) => {
  surface.text(0, 0, safeText('good'), { fg: 'tone.good' });
  surface.text(5, 0, safeText('plain'));
  surface.fill(0, 1, 20, 1, { bg: 'list.activeSelectionBackground' });
  surface.text(0, 1, safeText('selected'), {
    fg: 'list.activeSelectionForeground',
    bg: 'list.activeSelectionBackground',
  });
  surface.text(0, 2, safeText('typed'), { bg: 'input.background', bold: true });
};

test('defect 3: blessed knows 256 colours, a theme is shown in the very colours it names', async () => {
  const { terminal } = await openTestScreen({ columns: 20, rows: 3 }, draw);
  expect(terminal.cell(0, 0)).toMatchObject({ char: 'g', fg: '#5fd38d', bg: '#15181d' });
  expect(terminal.cell(5, 0)).toMatchObject({ char: 'p', fg: '#d5dae1', bg: '#15181d' });
  expect(terminal.cell(15, 1)).toMatchObject({ char: ' ', bg: '#1f4a78' });
  expect(terminal.sent).not.toContain(';5;');
});

test('defect 3: another theme is shown at once, everywhere, without any redrawing by the widgets', async () => {
  const { terminal, theme } = await openTestScreen({ columns: 20, rows: 3 }, draw);
  const before = terminal.cell(0, 1);
  await theme(testTheme(77));
  const after = terminal.cell(0, 1);
  expect(before.fg).toMatch(/00$/);
  expect(after.fg).toMatch(/4d$/);
  expect({ ...after, fg: '' }).toEqual({ ...before, fg: '' });
});

test('defect 3: two sessions with different themes do not share colours', async () => {
  const one = await openTestScreen({ columns: 20, rows: 3, theme: testTheme(1) }, draw);
  const other = await openTestScreen({ columns: 20, rows: 3, theme: testTheme(2) }, draw);
  expect(one.terminal.cell(0, 1).fg).toMatch(/01$/);
  expect(other.terminal.cell(0, 1).fg).toMatch(/02$/);
});

test('256 colours are the nearest of the cube and the greys, which are the same everywhere', async () => {
  const { terminal } = await openTestScreen({ columns: 20, rows: 3, depth: '256' }, draw);
  expect(terminal.cell(0, 0)).toMatchObject({ fg: 78, bg: 234 });
  expect(terminal.sent).not.toContain(';2;');
});

test('16 colours are those of the theme’s own sixteen, and text never has the colour it stands on', async () => {
  const { terminal } = await openTestScreen({ columns: 20, rows: 3, depth: '16' }, (surface) => {
    surface.text(0, 0, safeText('bad'), { fg: 'tone.bad' });
    surface.text(0, 1, safeText('x'), { fg: 'editor.background', bg: 'editor.background' });
  });
  // As `terminal.ansiRed` of the theme, though red is not the nearest.
  expect(terminal.cell(0, 0)).toMatchObject({ fg: 1, bg: 0 });
  expect(terminal.cell(0, 1)).toMatchObject({ fg: 15, bg: 0 });
  expect(terminal.sent).not.toMatch(/[34]8;[25]/);
});

test('without colours what is selected is inverted, and no colour is sent at all', async () => {
  for (const options of [{ depth: 'mono' as const }, { theme: plainTheme }]) {
    const { terminal } = await openTestScreen({ columns: 20, rows: 3, ...options }, draw);
    expect(terminal.cell(0, 0)).toMatchObject({ fg: null, bg: null, inverse: false });
    expect(terminal.cell(0, 1)).toMatchObject({ fg: null, bg: null, inverse: true });
    expect(terminal.cell(19, 1)).toMatchObject({ char: ' ', inverse: true });
    expect(terminal.cell(0, 2)).toMatchObject({ underline: true, bold: true });
    expect(terminal.sent).not.toMatch(/\x1b\[[\d;]*(?:3[0-8]|4[0-8]|9\d|10\d)[;m]/);
  }
});

test('bold, dim, underlined and inverted letters are shown as such, and end where they end', async () => {
  const { terminal } = await openTestScreen({ columns: 20, rows: 1 }, (surface) => {
    surface.text(0, 0, safeText('a'), { bold: true });
    surface.text(1, 0, safeText('b'), { dim: true, underline: true });
    surface.text(2, 0, safeText('c'), { inverse: true });
    surface.text(3, 0, safeText('d'));
  });
  const flags = [0, 1, 2, 3].map((x) => {
    const { bold, dim, underline, inverse } = terminal.cell(x, 0);
    return [bold, dim, underline, inverse].map(Number).join('');
  });
  expect(flags).toEqual(['1000', '0110', '0001', '0000']);
});
