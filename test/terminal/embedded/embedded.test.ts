import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { safeText } from '../../../core/model/text/safe-text.ts';
import { Grid } from '../../../core/terminal/cells/grid.ts';
import type { Key } from '../../../core/terminal/contract.ts';
import { openScreen } from '../../../core/terminal/screen/open.ts';
import { type EmbeddedTerminal, openEmbeddedTerminal } from '../../../core/terminal/widgets/embedded-terminal.ts';
import { openEmulator } from '../emulator/emulator.ts';
import { looks } from '../emulator/snapshot.ts';
import { testTheme } from '../emulator/test-theme.ts';

const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: '/nonexistent' };
const key = (name: string, text: string | null = null): Key => ({
  kind: 'key',
  name,
  text: text === null ? null : safeText(text),
});

interface Inner {
  readonly inner: EmbeddedTerminal;
  readonly titles: string[];
  row(y: number): string;
  grid(): Grid;
  shows(text: string): Promise<void>;
}

/** A program in an embedded terminal, drawn on a grid of the same size. */
function open(script: string, columns = 40, rows = 8): Inner {
  const titles: string[] = [];
  const inner = openEmbeddedTerminal({
    argv: ['/bin/sh', '-c', script],
    env,
    columns,
    rows,
    scrollback: 100,
    onTitle: (title) => titles.push(title),
    onExit: () => {},
    invalidate: () => {},
  });
  onTestFinished(() => inner.close());
  const grid = () => {
    const drawn = new Grid(columns, rows);
    inner.draw(drawn.surface(), true);
    return drawn;
  };
  return {
    inner,
    titles,
    grid,
    row: (y) => grid().row(y).trimEnd(),
    async shows(text) {
      const signal = AbortSignal.timeout(10_000);
      for (;;) {
        const drawn = grid();
        const rowsNow = Array.from({ length: rows }, (_, y) => drawn.row(y));
        if (rowsNow.some((row) => row.includes(text))) return;
        if (signal.aborted) throw new Error(`${text} was never shown:\n${rowsNow.join('\n')}`);
        await wait(10);
      }
    },
  };
}

test('a program in an embedded terminal shows its letters, its colours by names of the theme, and its cursor', async () => {
  const { shows, grid } = open(
    "printf '\\033[1;31mred\\033[0m \\033[48;2;20;200;110mgreen\\033[0m \\033[38;5;21mblue\\033[0m 备份 end'; sleep 60",
  );
  await shows('end');
  const drawn = grid();
  expect(drawn.row(0).trimEnd()).toBe('red green blue 备份 end');
  expect(looks(drawn, 0)).toEqual([
    '0-2 terminal.ansiRed on terminal.background bold',
    '3-3 terminal.foreground on terminal.background',
    '4-8 terminal.foreground on terminal.ansiGreen',
    '9-9 terminal.foreground on terminal.background',
    '10-13 terminal.ansiBlue on terminal.background',
    '14-39 terminal.foreground on terminal.background',
  ]);
  expect(drawn.cursor).toEqual({ x: 23, y: 0 });
});

test('keys, a paste and the mouse reach the program as a terminal sends them', async () => {
  const { inner, shows, row } = open(
    "stty raw -echo; printf '\\033[?1h\\033[?2004h\\033[?1002h\\033[?1006hready'; cat -v",
  );
  await shows('ready');
  inner.key(key('up'));
  inner.key(key('a', 'a'));
  inner.key(key('ctrl+right'));
  inner.key(key('ctrl+c'));
  inner.key(key('alt+x'));
  inner.key(key('f5'));
  inner.paste('one\ntwo');
  inner.mouse({ kind: 'mouse', action: 'press', button: 'left', x: 2, y: 3 });
  await shows('M');
  await shows(';4M');
  expect([0, 1, 2, 3].map(row).join('')).toBe('ready^[OAa^[[1;5C^C^[x^[[15~^[[200~one^Mtwo^[[201~^[[<0;3;4M');
});

test('nothing that a program sends reaches the outer terminal but cells', async () => {
  const outer = openEmulator(40, 6);
  let inner: EmbeddedTerminal | null = null;
  const theme = testTheme();
  const screen = openScreen({
    tty: outer.tty,
    theme: () => theme,
    draw: (surface) => inner?.draw(surface, true),
    onCrash: (error) => {
      throw error;
    },
  });
  const titles: string[] = [];
  inner = openEmbeddedTerminal({
    argv: [
      '/bin/sh',
      '-c',
      "printf '\\033]52;c;ZXZpbA==\\007\\033]0;taken over\\007\\033[?1049l\\033[6n\\033P+q544e\\033\\\\\\033[?2004l\\007\\302\\2332Jdone \\342\\200\\256'; sleep 60",
    ],
    env,
    columns: 40,
    rows: 6,
    scrollback: 0,
    onTitle: (title) => titles.push(title),
    onExit: () => {},
    invalidate: () => screen.invalidate(),
  });
  await outer.shows('done');
  expect(titles).toEqual(['taken over']);
  expect([outer.title, outer.bells]).toEqual(['', 0]);
  expect(outer.sent).not.toMatch(/\x1b\]|\x1bP|\[6n|\x9b|\u202e|ZXZpbA/);
  expect(outer.modes.has(1049) && outer.modes.has(2004)).toBe(true);
  inner.close();
  screen.close();
  outer.close();
});

test('the title of a program is told with nothing in it that acts', async () => {
  const { titles, shows } = open("printf '\\033]0;a\\342\\200\\256c\\007ok'; sleep 60");
  await shows('ok');
  expect(titles).toEqual(['a<U+202E>c']);
});

test('what the program asks its terminal is answered to it', async () => {
  const { shows } = open("stty raw -echo; printf 'at\\033[6n'; head -c 6 | cat -v; printf ' answered'; sleep 60");
  await shows('at^[[1;3R answered');
});

test('rows above the screen can be looked at, and typing leads back', async () => {
  const { inner, shows, row } = open('seq 1 50; cat');
  await shows('50');
  inner.mouse({ kind: 'mouse', action: 'wheel-up', button: 'none', x: 0, y: 0 });
  expect(row(0)).toBe('41');
  inner.key(key('shift+pageup'));
  expect(row(0)).toBe('34');
  inner.key(key('x', 'x'));
  await shows('50');
});

test('the program learns a new size, also when only the surface it is drawn on is another', async () => {
  const { inner, shows } = open("trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done");
  await shows('ready');
  inner.resize(50, 9);
  const drawn = new Grid(33, 7);
  while (!Array.from({ length: 7 }, (_, y) => drawn.row(y).trim()).includes('7 33')) {
    inner.draw(drawn.surface(), true);
    await wait(10);
  }
});

test('the end of a program is told with its code or its signal, and its last picture stays', async () => {
  const { inner, row } = open('echo bye; exit 3');
  expect(await inner.exited).toEqual({ exitCode: 3, signal: null });
  expect(row(0)).toBe('bye');
  expect(inner.key(key('a', 'a'))).toBe(false);
  inner.write('nobody reads this');
});

test('closing ends the program, even one that ignores that its terminal is gone', async () => {
  const { inner, shows } = open("trap '' HUP TERM; echo stubborn; while :; do sleep 1; done");
  await shows('stubborn');
  inner.close();
  expect(await inner.exited).toEqual({ exitCode: 0, signal: 9 });
});

test('a program that prints twenty megabytes is held back and costs the person little', async () => {
  const outer = openEmulator(80, 24);
  let inner: EmbeddedTerminal | null = null;
  const theme = testTheme();
  const screen = openScreen({
    tty: outer.tty,
    theme: () => theme,
    draw: (surface) => inner?.draw(surface, true),
    onCrash: (error) => {
      throw error;
    },
  });
  inner = openEmbeddedTerminal({
    argv: ['/bin/sh', '-c', 'yes 0123456789abcdefghij | head -c 20M; echo; echo DONE; sleep 60'],
    env,
    columns: 80,
    rows: 24,
    scrollback: 1000,
    onExit: () => {},
    invalidate: () => screen.invalidate(),
  });
  await outer.shows('DONE');
  // All of it would be 20 MB; the same rows are not sent twice.
  expect(outer.bytes).toBeLessThan(200_000);
  inner.close();
  screen.close();
  outer.close();
});

test.runIf(existsSync('/usr/bin/vim'))('vim looks inside as it does outside', async () => {
  const { inner, shows, row } = open('exec /usr/bin/vim -u NONE -i NONE -N', 60, 10);
  await shows('~');
  inner.key(key('i', 'i'));
  inner.write('hello ');
  inner.key(key('left'));
  inner.key(key('left'));
  inner.write('p');
  await shows('hellpo');
  inner.key(key('escape'));
  inner.write(':q!\r');
  expect(await inner.exited).toEqual({ exitCode: 0, signal: null });
  expect(row(0)).not.toContain('hellpo');
});

test.runIf(existsSync('/usr/bin/top'))('top redraws its table again and again', async () => {
  const { inner, shows, row } = open('exec top -d 0.2', 80, 12);
  await shows('PID');
  const [first, tasks] = [row(0), row(1)];
  expect(first).toMatch(/^top - /);
  while (row(0) === first && row(1) === tasks) await wait(50);
  inner.key(key('q', 'q'));
  expect(await inner.exited).toEqual({ exitCode: 0, signal: null });
});
