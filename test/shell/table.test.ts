import type { TableView } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../core/shell/format/width.ts';
import { plainStyle } from '../../core/shell/render/text-style.ts';
import { renderView } from '../../core/shell/render/view.ts';
import { bytesCell, stateCell, tableView, textCell, timeCell } from '../../core/shell/view/build.ts';

const now = Date.UTC(2026, 10, 22, 12);

const machines: TableView = tableView(
  'Machines',
  [
    { key: 'name', title: 'name', priority: 0 },
    { key: 'state', title: 'state', priority: 0 },
    { key: 'place', title: 'place' },
    { key: 'size', title: 'size', align: 'right' },
    { key: 'last', title: 'last point', align: 'right', priority: 3 },
  ],
  [
    ['web-07', stateCell('protected', 'good'), '/srv/machines/web-07', 80 * 2 ** 30, now - 720_000] as const,
    [
      'データ',
      stateCell('unprotected', 'quiet'),
      '/srv/machines/a-rather-long-folder-name/db',
      1.2 * 2 ** 40,
      now,
    ] as const,
  ].map(([name, state, place, size, at]) => ({
    id: name,
    cells: { name: textCell(name), state, place: textCell(place), size: bytesCell(size), last: timeCell(at) },
  })),
  'no machines yet',
);

describe('a table', () => {
  it('is aligned records in a pipe: nothing cut, exact times, no colour, no tabs', () => {
    const lines = renderView(machines, plainStyle);
    expect(lines).toEqual(
      [
        'NAME    STATE          PLACE                                            SIZE            LAST POINT',
        'web-07  ● protected    /srv/machines/web-07                           80 GiB  2026-11-22T11:48:00Z',
        'データ  ○ unprotected  /srv/machines/a-rather-long-folder-name/db  1.20 TiB  2026-11-22T12:00:00Z',
      ].map((line) => expect.stringMatching(new RegExp(`^${line.replace(/ +/g, ' +').replaceAll('.', '\\.')}$`))),
    );
    expect(new Set(lines.map(displayWidth)).size).toBe(1);
  });

  it('tells relative times in a terminal and drops what matters least when it is narrow', () => {
    const wide = renderView(machines, { columns: 120, colour: false, now });
    expect(wide[1]).toMatch(/12 min ago$/);
    const narrow = renderView(machines, { columns: 60, colour: false, now });
    expect(narrow[0]).not.toContain('LAST POINT');
    for (const line of narrow) expect(displayWidth(line)).toBeLessThanOrEqual(60);
    expect(narrow[2]).toContain('…');
  });

  it.each([20, 31, 48, 80, 100])('never exceeds a terminal of %i columns by more than what must stay', (columns) => {
    for (const line of renderView(machines, { columns, colour: false, now })) {
      expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(columns, 24));
    }
  });

  it('has a sign beside each colour', () => {
    const [, first = ''] = renderView(machines, { columns: 100, colour: true, now });
    expect(first).toContain('\x1b[32m● protected');
  });

  it('that is empty says what is missing and which command adds it', () => {
    expect(renderView({ ...machines, rows: [] }, plainStyle)).toEqual(['no machines yet']);
  });
});
