import { expect, test } from 'vitest';
import { safeText } from '../../../core/model/text/safe-text.ts';
import type { Surface } from '../../../core/terminal/contract.ts';
import { testTheme } from '../emulator/test-theme.ts';
import { openTestScreen, TestTable } from './open-test-screen.ts';

const word = (text: string) => (surface: Surface) => void surface.text(0, 0, safeText(text));

test('defect 7: a terminal that stops reading gets no more frames, and then only the newest', async () => {
  let drawn = 0;
  const { terminal, screen } = await openTestScreen({ columns: 80, rows: 24 }, (surface) => {
    drawn += 1;
    for (let y = 0; y < 24; y++) surface.text(0, y, safeText(`${drawn} `.repeat(30)));
  });
  terminal.stall();
  for (let i = 0; i < 50; i++) {
    screen.invalidate();
    await terminal.settled();
  }
  const [frames, pending] = [drawn, terminal.tty.pendingBytes];
  expect(frames).toBe(2);
  expect(pending).toBeLessThan(8000);
  terminal.drain();
  await terminal.settled();
  expect([drawn, terminal.row(0).slice(0, 4)]).toEqual([3, '3 3 ']);
});

test('defect 7: a frame larger than a line can take is sent in parts, as they are taken', async () => {
  const { terminal, draw } = await openTestScreen({ columns: 500, rows: 200 }, () => {});
  const tones = ['tone.good', 'tone.bad', 'tone.risk', 'tone.active'] as const;
  terminal.stall();
  await draw((surface) => {
    for (let y = 0; y < 200; y++) {
      for (let x = 0; x < 500; x++) surface.text(x, y, safeText('x'), { fg: tones[(x + y) % 4] ?? 'tone.good' });
    }
  });
  const pending: number[] = [];
  for (let i = 0; i < 200 && terminal.tty.pendingBytes > 0; i++) {
    pending.push(terminal.tty.pendingBytes);
    terminal.drain();
    terminal.stall();
    await terminal.settled();
  }
  terminal.drain();
  expect(pending.length).toBeGreaterThan(5);
  expect(Math.max(...pending)).toBeLessThan(128 * 1024);
  expect(terminal.row(199)).toBe('x'.repeat(500));
});

test('many wishes to draw in one turn make one frame', async () => {
  let drawn = 0;
  const { terminal, screen } = await openTestScreen({ columns: 10, rows: 1 }, () => {
    drawn += 1;
  });
  const before = drawn;
  for (let i = 0; i < 100; i++) screen.invalidate();
  await terminal.settled();
  expect(drawn - before).toBe(1);
});

test('a frame in which nothing changed sends nothing', async () => {
  const { bytesOf } = await openTestScreen({ columns: 40, rows: 5 }, word('still'));
  expect(await bytesOf(() => {})).toBe(0);
});

test('defect 13: a key within the page of a table 200 x 60 sends at most 500 bytes, a row further at most 600', async () => {
  const table = new TestTable(1_000_000);
  const { bytesOf, terminal } = await openTestScreen({ columns: 200, rows: 60 }, table.draw);
  for (let i = 0; i < 10; i++) expect(await bytesOf(() => table.move(1, 60))).toBeLessThanOrEqual(500);
  await bytesOf(() => table.move(48, 60));
  for (let i = 0; i < 10; i++) expect(await bytesOf(() => table.move(1, 60))).toBeLessThanOrEqual(600);
  expect(terminal.row(59)).toContain(`vm-${String(table.selected).padStart(7, '0')}`);
  await bytesOf(() => table.move(-58, 60));
  for (let i = 0; i < 10; i++) expect(await bytesOf(() => table.move(-1, 60))).toBeLessThanOrEqual(600);
  expect(terminal.row(1)).toContain(`vm-${String(table.selected).padStart(7, '0')}`);
  expect(terminal.row(59)).toContain(`vm-${String(table.selected + 58).padStart(7, '0')}`);
});

test('defect 13: rows beside a side bar are moved, and the side bar is put right', async () => {
  let top = 0;
  const { bytesOf, terminal } = await openTestScreen({ columns: 120, rows: 40 }, (surface) => {
    for (const [y, place] of ['Overview', 'Machines', 'Runs', 'Targets'].entries()) surface.text(1, y, safeText(place));
    for (let y = 0; y < 38; y++) surface.text(20, y, safeText(`row ${top + y} `.repeat(8)));
  });
  const moved = await bytesOf(() => {
    top += 1;
  });
  expect([0, 1, 3, 37].map((y) => terminal.row(y).trimEnd().slice(0, 28))).toEqual([
    ' Overview           row 1 ro',
    ' Machines           row 2 ro',
    ' Targets            row 4 ro',
    '                    row 38 r',
  ]);
  expect(moved).toBeLessThan(600);
});

test('defect 13: a list is moved whichever of its rows stays where it is, as the selected one does', async () => {
  for (let height = 12; height < 36; height++) {
    let top = 0;
    const { bytesOf } = await openTestScreen({ columns: 200, rows: 40 }, (surface) => {
      for (let y = 0; y < height; y++) {
        const style = y === height - 1 ? ({ bg: 'list.activeSelectionBackground', bold: true } as const) : {};
        surface.fill(0, y, 200, 1, style);
        surface.text(
          0,
          y,
          safeText(`${top + y} ${['safe', 'late', 'failed'][(top + y) % 3]} ${((top + y) * 7919) % 1e7}`),
          style,
        );
      }
    });
    const moved = await bytesOf(() => {
      top += 1;
    });
    expect(moved, `${height} rows`).toBeLessThan(200);
  }
});

test('the cursor is shown where the focus says, and hidden when nothing says so', async () => {
  const { terminal, draw } = await openTestScreen({ columns: 20, rows: 3 });
  expect(terminal.cursor()).toBe(null);
  await draw((surface) => surface.area(2, 1, 10, 1).cursor(3, 0));
  expect(terminal.cursor()).toEqual({ x: 5, y: 1 });
  await draw((surface) => {
    surface.text(0, 2, safeText('typed'));
    surface.cursor(6, 1);
  });
  expect(terminal.cursor()).toEqual({ x: 6, y: 1 });
  await draw(() => {});
  expect(terminal.cursor()).toBe(null);
});

test('windows of any size are drawn on: 1 x 1, 500 x 200, none said, and absurd ones up to a limit', async () => {
  const { terminal, screen, crashes } = await openTestScreen({ columns: 80, rows: 24 }, (surface) => {
    for (let y = 0; y < surface.height; y++) surface.text(0, y, safeText('#'.repeat(surface.width)));
  });
  for (const [columns, rows] of [
    [1, 1],
    [500, 200],
    [3, 2],
    [2, 90],
  ] as const) {
    terminal.resize(columns, rows);
    await terminal.settled();
    expect(terminal.text()).toBe(Array(rows).fill('#'.repeat(columns)).join('\n'));
  }
  Object.defineProperty(terminal.tty, 'columns', { value: 4_294_967_295 });
  Object.defineProperty(terminal.tty, 'rows', { value: 4_294_967_295 });
  expect([screen.width, screen.height]).toEqual([1000, 160]);
  Object.defineProperty(terminal.tty, 'columns', { value: 0 });
  Object.defineProperty(terminal.tty, 'rows', { value: Number.NaN });
  expect([screen.width, screen.height, crashes]).toEqual([80, 24, []]);
});

test('a window that is dragged about is told of each size and drawn in the last', async () => {
  let drawn = 0;
  const { terminal, screen } = await openTestScreen({ columns: 80, rows: 24 }, (surface) => {
    drawn += 1;
    surface.text(0, 0, safeText(`${surface.width} x ${surface.height}`));
  });
  const before = drawn;
  let told = 0;
  screen.onResize(() => {
    told += 1;
  });
  for (let i = 1; i <= 500; i++) terminal.resize(20 + (i % 100), 5 + (i % 40));
  await terminal.settled();
  expect([told, terminal.row(0).trim()]).toEqual([500, '20 x 25']);
  expect(drawn - before).toBeLessThanOrEqual(2);
});

test('after a program was stopped and goes on, all is asked for and drawn again', async () => {
  const { terminal } = await openTestScreen({ columns: 20, rows: 2 }, word('here'));
  terminal.tty.write('\x1b[?1049l\x1b[?1002l\x1b[?2004l\x1b[2;2r\x1b[31mjob stopped');
  terminal.resize(20, 2);
  await terminal.settled();
  expect(terminal.text()).toBe('here\n');
  expect([1049, 1002, 1006, 2004].every((mode) => terminal.modes.has(mode))).toBe(true);
});

test('the title and the bell are sent, with nothing else in them', async () => {
  const { terminal, screen } = await openTestScreen({ columns: 20, rows: 1 });
  screen.title('Holdfast\x07\x1b]52;c;x\x07' as ReturnType<typeof safeText>);
  screen.bell();
  await terminal.settled();
  expect([terminal.title, terminal.bells]).toEqual(['Holdfast]52;c;x', 1]);
});

test('a theme chosen while the terminal does not read is shown when it does', async () => {
  const { terminal, theme } = await openTestScreen({ columns: 8, rows: 1 }, (surface) => {
    surface.text(0, 0, safeText('x'), { fg: 'tab.activeForeground' });
  });
  terminal.stall();
  await theme(testTheme(5));
  terminal.drain();
  await terminal.settled();
  expect(terminal.cell(0, 0).fg).toMatch(/05$/);
});
