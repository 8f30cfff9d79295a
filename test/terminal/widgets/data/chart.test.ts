import type { ChartView } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../../core/shell/format/width.ts';
import { Grid, INVERSE } from '../../../../core/terminal/cells/grid.ts';
import { tokenNumber } from '../../../../core/terminal/theme/tokens.ts';
import { ChartWidget } from '../../../../core/terminal/widgets/data/chart-widget.ts';
import { drawHeat } from '../../../../core/terminal/widgets/data/heat.ts';
import { sparkline } from '../../../../core/terminal/widgets/data/sparkline.ts';
import { drawTimeline, pointSigns, signOfPoint } from '../../../../core/terminal/widgets/data/timeline.ts';
import { env, frame, hour, now, point, press, rows } from './draw.ts';
import { changeRate, rpo, targets, timeline } from './examples.ts';

function chart(view: ChartView, given = env()): ChartWidget {
  const widget = new ChartWidget(given);
  widget.set(view);
  frame(widget, 80, 20);
  return widget;
}

const told = (widget: ChartWidget): string => rows(widget, 100, 20).join('\n');

describe('a sparkline', () => {
  it('goes from the least to the greatest value', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([5, 5, 5])).toBe('▁▁▁');
    expect(sparkline([])).toBe('');
    expect(sparkline([Number.NaN, 1, Number.POSITIVE_INFINITY, 2])).toBe('▁█');
  });

  it('shows the peak even where many values share a column', () => {
    const values = Array.from({ length: 1000 }, (_, at) => (at === 501 ? 100 : 1));
    expect(sparkline(values, 10)).toBe('▁▁▁▁▁█▁▁▁▁');
  });
});

describe('a curve', () => {
  it('says its greatest and least value, where it begins and ends, and marks what is wrong with a sign', () => {
    const text = told(chart(changeRate));
    expect(text).toContain('8.66 GiB ┤');
    expect(text).toContain('1 GiB ┤');
    expect(text).toMatch(/└─3 d ago─+60 min ago/);
    expect(text).toContain('✗');
  });

  it('tells the selected point below, and moves along with left and right', () => {
    const widget = chart(changeRate);
    expect(told(widget)).toContain('72 of 72');
    press(widget, ...Array<string>(21).fill('left'));
    expect(told(widget)).toMatch(/2026-11-21T14:00:00Z \(22 h ago\) {3}8.66 GiB {3}51 of 72\n {2}burst · entropy rose/);
    press(widget, 'home');
    expect(press(widget, 'left')).toBe(false);
  });

  it('is a line of bars where there is no room for axes', () => {
    const lines = rows(chart(changeRate), 60, 3);
    expect(lines[1]).toMatch(/^▌web-07 {2}[▁▂▃▄▅▆▇█]+ {2}1 GiB … 8.66 GiB$/);
  });

  it('that goes up and down is one unbroken line', () => {
    const zigzag: ChartView = {
      ...changeRate,
      title: '',
      series: [{ title: '', points: Array.from({ length: 6 }, (_, x) => ({ x, y: x % 2 })) }],
    };
    const lines = rows(chart(zigzag), 60, 12).slice(0, 9);
    for (let row = 0; row < 9; row++)
      expect((lines[row] ?? '').match(/[\u2801-\u28ff◆]/g)?.length ?? 0).toBeGreaterThan(3);
  });
});

describe('bars', () => {
  it('are compared with the greatest, with a sign beside each colour', () => {
    const lines = rows(chart(targets), 60, 8);
    expect(lines[1]).toMatch(/^▌ ● disk-main {2}41.2 TiB {2}█{34}$/);
    expect(lines[2]).toMatch(/^ {2}◐ s3-fra {5}12.8 TiB {2}█{10}.$/);
    expect(lines[3]).toMatch(/^ {2}vault-lto {5}410 GiB {2}.$/);
  });

  it('of shares are compared with the whole', () => {
    const widget = chart({ ...targets, unit: 'ratio', series: [{ title: 'used', points: [{ x: 0, y: 0.5 }] }] });
    expect(rows(widget, 60, 4)[1]).toMatch(/^▌ used {2}50 % {2}█{22}.?$/);
  });

  it('are selected with up and down or a click, told below and opened', () => {
    const desk = env();
    const widget = chart(targets, desk);
    press(widget, 'down', 'enter');
    expect(rows(widget, 60, 8).join('\n')).toContain('locked 90 d');
    point(widget, 'press', 4, 3);
    expect(widget.row).toBe('vault-lto');
    expect(desk.opened).toEqual(['s3-fra']);
  });
});

describe('a timeline of restore points', () => {
  it('shows what is wrong before what is good where points share a column, and explains its signs', () => {
    const grid = new Grid(12, 1);
    drawTimeline(
      grid.surface(),
      0,
      0,
      10,
      [
        { x: now - 10 * hour, y: 1, tone: 'good' },
        { x: now - 10 * hour, y: 1, tone: 'bad' },
        { x: now - 10 * hour, y: 1, tone: 'good', notes: ['verified'] },
        { x: now, y: 1, tone: 'good', notes: ['locked until 2027-02-20'] },
      ],
      { now },
    );
    expect(grid.row(0)).toBe('✗────────▣  ');
    expect(told(chart(timeline))).toMatch(/● complete {3}◉ verified {3}▣ locked {3}◐ at risk {3}✗ failed/);
  });

  it('needs one column for each sign', () => {
    for (const { sign } of pointSigns) expect(displayWidth(sign)).toBe(1);
    expect(signOfPoint({ x: 0, y: 0, notes: ['booted 3 d ago'] }).title).toBe('verified');
    expect(signOfPoint({ x: 0, y: 0, tone: 'bad', notes: ['verified'] }).title).toBe('failed');
  });

  it('ends now, so that one sees how long ago the last point was', () => {
    const old = {
      ...timeline,
      series: [
        {
          title: '',
          points: [
            { x: now - 48 * hour, y: 1 },
            { x: now - 24 * hour, y: 1 },
          ],
        },
      ],
    };
    const lines = rows(chart(old), 63, 8);
    expect(lines[1]).toMatch(/^ {2}●─{29,30}●─{29,30}$/);
    expect(lines[2]).toMatch(/Sat 21 .* now$/);
  });

  it('selects the newest point, tells what is known of it, and opens it', () => {
    const desk = env();
    const widget = chart(timeline, desk);
    expect(widget.row).toBe('point-41');
    press(widget, 'left', 'enter');
    expect(told(widget)).toContain(
      '2026-11-22T00:00:00Z (12 h ago)   41 of 42   point-40\n  verified · booted 3 d ago · application-consistent',
    );
    expect(desk.opened).toEqual(['point-40']);
    const grid = frame(widget, 100, 20);
    const inverse = [...grid.flags].flatMap((flags, at) => ((flags & INVERSE) === 0 ? [] : [at]));
    expect(inverse).toHaveLength(1);
    expect(grid.fg[inverse[0] ?? 0]).toBe(tokenNumber('tone.good'));
  });

  it('goes with down to the point of the next row that is nearest in time', () => {
    const widget = chart(timeline);
    press(widget, 'left', 'left', 'down');
    expect(told(widget)).toContain('2026-11-21T18:00:00Z (18 h ago)   11 of 13');
  });

  it('selects the point that is nearest to a click, and opens it with another', () => {
    const desk = env();
    const widget = chart(timeline, desk);
    const line = rows(widget, 80, 20)[2] ?? '';
    const failed = line.indexOf('✗');
    point(widget, 'press', failed, 2);
    expect(widget.row).toBe('point-5');
    expect(told(widget)).toContain('✗ 2026-11-20T12:00:00Z');
    frame(widget, 80, 20);
    point(widget, 'press', failed, 2);
    expect(desk.opened).toEqual(['point-5']);
    expect(point(widget, 'press', 40, 15)).toBe(false);
  });

  it('stays on its point when new ones come, and with the newest where that was selected', () => {
    const more = (view: ChartView): ChartView => ({
      ...view,
      series: view.series.map((one) => ({ ...one, points: [...one.points, { x: now - 60_000, y: 1, id: 'newest' }] })),
    });
    const widget = chart(timeline);
    widget.set(more(timeline));
    expect(widget.row).toBe('newest');
    press(widget, 'left', 'left');
    expect(widget.row).toBe('point-40');
    widget.set(more(more(timeline)));
    expect(widget.row).toBe('point-40');
  });

  it('comes back in another session at the same point', () => {
    const widget = chart(timeline);
    press(widget, 'left', 'left', 'down', 'left');
    const next = new ChartWidget(env());
    next.restore(JSON.parse(JSON.stringify(widget.state())));
    next.set(timeline);
    expect(next.row).toBe(widget.row);
  });

  it('with times that no calendar has does not hang', () => {
    for (const x of [1e24, 9e15, -1e24, 1.7e308, Number.MAX_SAFE_INTEGER]) {
      const points = [
        { x, y: 1 },
        { x: x * 1.000001, y: 1 },
        { x: Number.NaN, y: 1 },
      ];
      expect(told(chart({ ...timeline, series: [{ title: '', points }] }))).not.toBe('');
    }
  });
});

describe('a heat map', () => {
  it('is read without colour: the darker the worse, and where cells share a column the worst is seen', () => {
    const grid = new Grid(12, 2);
    const cells = [0, 0.2, 0.5, 0.9, 1.4].map((y, x) => ({ x, y }));
    drawHeat(grid.surface(), 0, 0, 5, cells);
    expect(grid.row(0)).toBe('·░▒▓█       ');
    drawHeat(
      grid.surface(),
      0,
      1,
      2,
      [0, 1, 0, 0, 0, 0, 0, 0, 0, 0.5].map((y, x) => ({ x, y })),
    );
    expect(grid.row(1)).toBe('█▒          ');
  });

  it('keeps all its rows in the same columns, however many cells each has', () => {
    const view: ChartView = {
      ...rpo,
      title: '',
      series: [
        { title: 'a', points: Array.from({ length: 30 }, (_, x) => ({ x, y: x === 29 ? 1 : 0 })) },
        { title: 'b', points: Array.from({ length: 3 }, (_, x) => ({ x, y: x === 2 ? 1 : 0 })) },
      ],
    };
    const lines = rows(chart(view), 66, 10);
    expect(lines[0]).toBe(`▌ a  ${'·'.repeat(58)}██`);
    expect(lines[1]).toBe('  b  ····██');
  });

  it('scrolls to the row that is selected, and tells which one and how ill', () => {
    const widget = chart(rpo);
    press(widget, ...Array<string>(25).fill('down'), 'left');
    const lines = rows(widget, 80, 16);
    expect(lines.some((line) => line.startsWith('▌ web-25'))).toBe(true);
    expect(lines.join('\n')).toMatch(/web-25 {3}[\d.]+ % {3}47 of 48/);
    expect(lines.join('\n')).toContain('hour 46');
  });
});
