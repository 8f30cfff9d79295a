import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../../core/shell/format/width.ts';
import { BOLD, type Grid, UNDERLINE } from '../../../../core/terminal/cells/grid.ts';
import { tokenNumber } from '../../../../core/terminal/theme/tokens.ts';
import { DetailWidget } from '../../../../core/terminal/widgets/data/detail-widget.ts';
import { markdownLines } from '../../../../core/terminal/widgets/data/markdown-lines.ts';
import { MarkdownWidget } from '../../../../core/terminal/widgets/data/markdown-widget.ts';
import { env, frame, press, rows } from './draw.ts';
import { prose as example, run } from './examples.ts';

function prose(text: string): MarkdownWidget {
  const widget = new MarkdownWidget(env());
  widget.set({ kind: 'markdown', title: '', text });
  return widget;
}
const plain = (text: string, columns: number): string[] =>
  markdownLines(text, columns).map((line) =>
    line
      .map((span) => span.text)
      .join('')
      .trimEnd(),
  );

function look(grid: Grid, word: string): { flags: number; fg: number } {
  const at = Array.from({ length: grid.height }, (_, y) => grid.row(y))
    .join('')
    .indexOf(word);
  return { flags: grid.flags[at] ?? 0, fg: grid.fg[at] ?? 0 };
}

describe('prose', () => {
  it('shows what stands out without its signs, except code, which is to be typed', () => {
    expect(plain('# A **title**', 40)).toEqual(['A title']);
    expect(plain('**bold**, *slanted*, `holdfast run list` and 2 * 3 * 4 in a_b_c', 80)).toEqual([
      'bold, slanted, `holdfast run list` and 2 * 3 * 4 in a_b_c',
    ]);
  });

  it('tells where a link goes', () => {
    expect(plain('see [the guide](https://x.test/a), [https://y.test](https://y.test)', 80)).toEqual([
      'see the guide (https://x.test/a), https://y.test',
    ]);
    const grid = frame(prose('see [the guide](https://x.test/a)'), 80, 4);
    expect(look(grid, 'the guide')).toEqual({ flags: UNDERLINE, fg: tokenNumber('textLink.foreground') });
  });

  it('wraps lists below their text, and quotes behind their bar', () => {
    expect(plain('- one two three four\n10. one two three four\n> one two three four', 12)).toEqual([
      '• one two',
      '  three four',
      '10. one two',
      '    three',
      '    four',
      '│ one two',
      '│ three four',
    ]);
  });

  it('leaves code as it is written', () => {
    expect(plain('```sh\n# no heading\n  - no list\n```\nafter', 60)).toEqual([
      '  # no heading',
      '    - no list',
      'after',
    ]);
  });

  it('breaks what is longer than a line, and never exceeds it', () => {
    for (const columns of [1, 7, 20]) {
      for (const line of plain('- データセンター'.repeat(20) + ' '.repeat(5) + 'x'.repeat(300), columns)) {
        expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(columns, 4));
      }
    }
  });

  it('scrolls, and stays where one reads when the same text comes again', () => {
    const widget = prose(Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n'));
    frame(widget, 40, 10);
    press(widget, 'pgdn', 'down');
    expect(rows(widget, 40, 10)[0]).toMatch(/^ {2}line 10/);
    widget.set({ kind: 'markdown', title: '', text: Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n') });
    expect(rows(widget, 40, 10)[0]).toMatch(/^ {2}line 10/);
  });

  it('that is long or made to be slow to read is read at once', () => {
    for (const text of [
      '['.repeat(200_000),
      '](('.repeat(60_000),
      '**'.repeat(100_000),
      '`'.repeat(99_999),
      ' #'.repeat(99_999),
      '_a'.repeat(99_999),
    ]) {
      expect(markdownLines(`x${text}`, 80).length).toBeGreaterThan(0);
    }
    expect(markdownLines('x\n'.repeat(400_000), 80).length).toBeLessThanOrEqual(20_001);
  }, 5_000);

  it('has headings that can be told from text without colour', () => {
    const grid = frame(prose(example.text), 80, 24);
    expect(look(grid, 'Protect your').flags & BOLD).toBe(BOLD);
    expect(look(grid, 'What to do').flags & BOLD).toBe(BOLD);
  });
});

describe('one thing in detail', () => {
  it('aligns its values, wraps them below themselves, and tells times both ways', () => {
    const widget = new DetailWidget(env());
    widget.set(run);
    const lines = rows(widget, 55, 14);
    expect(lines[0]).toBe('Run 8f2c');
    expect(lines[1]).toBe('  State                  ✗ failed');
    expect(lines[3]).toBe('  Asked for              38 min ago');
    expect(lines[4]).toBe('                         (2026-11-22T11:22:00Z)');
  });

  it('scrolls where there is no room, and only then wants the focus', () => {
    const widget = new DetailWidget(env());
    widget.set(run);
    frame(widget, 60, 20);
    expect(widget.wantsFocus).toBe(false);
    frame(widget, 60, 5);
    expect(widget.wantsFocus).toBe(true);
    press(widget, 'end');
    expect(rows(widget, 60, 5).join('\n')).toContain('[SNAPSHOT_FAILED]');
  });
});
