import type { TableView } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import type { ViewEnv } from '../../../../core/terminal/widgets/data/data-widget.ts';
import { TableWidget } from '../../../../core/terminal/widgets/data/table-widget.ts';
import { env, frame, hour, now, point, press, rows } from './draw.ts';
import { machineRow, machines } from './examples.ts';

function table(view: TableView = machines, given: ViewEnv = env()): TableWidget {
  const widget = new TableWidget(given);
  widget.set(view);
  widget.draw(frame(widget, 80, 24).surface(), true);
  return widget;
}

const names = (widget: TableWidget, height = 24): string[] =>
  rows(widget, 120, height)
    .slice(2)
    .map((line) => line.slice(2).split(' ')[0] ?? '')
    .filter((name) => name !== '');

const words = (view: TableView, from: readonly (readonly [string, string])[]): TableView => ({
  ...view,
  columns: [
    { key: 'name', title: 'name' },
    { key: 'tag', title: 'tag' },
  ],
  rows: from.map(([name, tag]) => ({
    id: name,
    cells: { name: { kind: 'text', text: name }, tag: { kind: 'text', text: tag } },
  })),
});

describe('a table of a million rows', () => {
  function countRows(length: number, ...keys: readonly string[]): number {
    let asked = 0;
    const widget = new TableWidget(env());
    const source = {
      length,
      row: (index: number) => {
        asked += 1;
        return machineRow(index);
      },
    };
    widget.setSource(machines, source);
    frame(widget, 120, 40);
    asked = 0;
    press(widget, ...keys);
    frame(widget, 120, 40);
    return asked;
  }

  it.each([['down'], ['pgdn'], ['end'], ['space'], ['j', 'k', 'G', 'g']])(
    'looks at no more of them for a key than a table of a thousand (%s …)',
    (...keys) => {
      const few = countRows(1_000, ...keys);
      expect(countRows(1_000_000, ...keys)).toBe(few);
      expect(few).toBeLessThan(200);
    },
  );

  it('is filtered and sorted in slices, with the screen alive in between', async () => {
    let frames = 0;
    const widget = new TableWidget({
      now: () => now,
      invalidate: () => {
        frames += 1;
      },
    });
    const length = 300_000;
    widget.setSource(machines, { length, row: machineRow });
    frame(widget, 120, 40);
    press(widget, '/', '"state:missed"');
    expect(rows(widget, 120, 40)[0]).toMatch(/ …/);
    frames = 0;
    const settled = async (): Promise<void> => {
      while (/ …/.test(rows(widget, 120, 40)[0] ?? '')) await new Promise((done) => setImmediate(done));
    };
    await settled();
    expect(frames).toBeGreaterThan(10);
    expect(rows(widget, 120, 40)[0]).toContain(`42,857 of 300,000`);
    press(widget, 'enter', 'end');
    expect(widget.row).toBe('machine-299996');
    press(widget, 'S');
    await settled();
    press(widget, 'home');
    expect(rows(widget, 120, 40)[1]).toContain('NAME ▼');
    expect(rows(widget, 120, 40)[2]).toContain('データ-299968');
  });
});

describe('columns of a table', () => {
  it('stay where they are while one scrolls, however long the names further down are', () => {
    const long = {
      ...machineRow(60),
      id: 'long',
      cells: { ...machineRow(60).cells, name: { kind: 'text', text: 'x'.repeat(300) } },
    } as const;
    const widget = new TableWidget(env());
    const many = Array.from({ length: 5000 }, (_, index) => (index === 4000 ? long : machineRow(index)));
    widget.set({ ...machines, rows: many });
    const [, before] = rows(widget, 100, 24);
    for (let page = 0; page < 190; page++) press(widget, 'pgdn');
    const seen = rows(widget, 100, 24);
    expect(seen[1]).toBe(before);
    expect(seen.join('\n')).not.toContain('x'.repeat(30));
  });

  it('grow for a figure that needs it, because part of a number says something else', () => {
    const widget = new TableWidget(env());
    const row = (index: number): TableView['rows'][number] => ({
      id: String(index),
      cells: { count: { kind: 'count', count: index === 999_995 ? 123_456_789_012 : 1 } },
    });
    widget.setSource(
      { title: '', columns: [{ key: 'count', title: 'n', align: 'right' }], empty: '' },
      { length: 1_000_000, row },
    );
    frame(widget, 40, 10);
    press(widget, 'end');
    expect(rows(widget, 40, 10).join('\n')).toContain('123,456,789,012');
  });

  it('of low priority go first where room is short, and the name always stays', () => {
    const header = (width: number): string => rows(table(), width, 24)[1] ?? '';
    expect(header(120)).toMatch(/NAME +STATE +ON +POLICY +LAST POINT +SIZE GiB +Δ A DAY +RPO MET % +DISKS/);
    expect(header(90)).not.toContain('DISKS');
    expect(header(70)).not.toContain('Δ A DAY');
    expect(header(30)).toMatch(/^ {2}NAME +STATE$/);
    expect(header(14)).toContain('NAME');
  });

  it('go by their priority and not by where they stand', () => {
    const priorities = { name: 0, state: 3, on: 2 } as const;
    const columns = Object.entries(priorities).map(([key, priority]) => ({ key, title: key, priority }));
    expect(rows(table({ ...machines, columns }), 30, 24)[1]).toMatch(/^ {2}NAME +ON$/);
  });

  it('say their unit once in the header where all values share one, and in each cell where they do not', () => {
    const lines = rows(table(), 120, 24);
    expect(lines[1]).toContain('SIZE GiB');
    expect(lines[2]).toMatch(/ 12 +1 GiB +100 +1 +▐$/);
    expect(lines[3]).toMatch(/ 19 +180 MiB/);
  });

  it('that share a unit say it in the cells as soon as another one comes into sight', () => {
    const many = machines.rows.map((row, index) =>
      index === 60 ? { ...row, cells: { ...row.cells, size: { kind: 'bytes', bytes: 5 * 2 ** 40 } as const } } : row,
    );
    const source = {
      length: 1_000_000,
      row: (index: number) => (index === 999_990 ? (many[60] ?? machineRow(0)) : machineRow(index % 50)),
    };
    const widget = new TableWidget(env());
    widget.setSource(machines, source);
    expect(rows(widget, 120, 24)[1]).toContain('SIZE GiB');
    press(widget, 'end');
    const lines = rows(widget, 120, 24).join('\n');
    expect(lines).not.toContain('SIZE GiB');
    expect(lines).toContain('5 TiB');
  });

  it('are chosen by a person, and then none of them goes for want of priority', () => {
    const widget = table();
    press(widget, 'c');
    expect(rows(widget, 80, 24).join('\n')).toContain('[x] name');
    // On, policy and last point go; disks come.
    press(widget, 'down', 'down', 'space', 'down', 'space', 'down', 'space', 'end', 'space', 'escape');
    const [, header = ''] = rows(widget, 80, 24);
    expect(header).toMatch(/NAME +STATE +SIZE GiB +Δ A DAY +DISKS/);
    expect(header).not.toMatch(/POLICY|LAST/);
    press(widget, 'c', 'a');
    expect(rows(widget, 80, 24)[1]).toContain('POLICY');
  });

  it('cannot all be hidden', () => {
    const widget = table(words(machines, [['a', 'b']]));
    press(widget, 'c', 'space', 'down', 'space', 'escape');
    expect(rows(widget, 80, 24)[1]).toBe('  TAG');
  });
});

describe('the order of a table', () => {
  it('goes from column to column with s and is told by a sign in the header', () => {
    const widget = table();
    press(widget, 's');
    expect(rows(widget, 80, 24)[1]).toContain('NAME ▲');
    press(widget, 's');
    expect(rows(widget, 80, 24)[1]).toContain('STATE ▲');
    press(widget, 'S');
    expect(rows(widget, 80, 24)[1]).toContain('STATE ▼');
  });

  it('puts what is wrong first, then what is at risk', () => {
    const widget = table();
    press(widget, 's', 's', 'home');
    const states = rows(widget, 80, 40)
      .slice(2)
      .map((line) => /[✗◐▶○●] [a-zA-Z]+( [a-z]+)?/.exec(line)?.[0]?.trim());
    expect(states[0]).toBe('✗ RPO missed');
    expect([...new Set(states)].slice(0, 4)).toEqual(['✗ RPO missed', '◐ at risk', '▶ running', '○ unprotected']);
  });

  it('knows that web-2 comes before web-10', () => {
    const widget = table(
      words(machines, [
        ['web-10', ''],
        ['Web-9', ''],
        ['web-2', ''],
      ]),
    );
    press(widget, 's');
    expect(names(widget)).toEqual(['web-2', 'Web-9', 'web-10']);
  });

  it('leaves what says nothing at the end, whichever way it goes', () => {
    const widget = table();
    press(widget, 's', 's', 's', 's', 's', 'end');
    expect(rows(widget, 80, 24).at(-1)).toMatch(/ – /);
    press(widget, 'S', 'end');
    expect(rows(widget, 80, 24).at(-1)).toMatch(/ – /);
  });

  it('keeps rows that are equal as they came, and is told above where its column has no room', () => {
    const widget = table(
      words(machines, [
        ['c', 'x'],
        ['a', 'x'],
        ['b', 'x'],
      ]),
    );
    press(widget, 's', 's');
    expect(names(widget)).toEqual(['c', 'a', 'b']);
    const wide = table();
    frame(wide, 120, 24);
    press(wide, 's', 's', 's', 's', 's', 's', 's', 's', 's');
    expect(rows(wide, 60, 24)[0]).toContain('sorted by disks ▲');
  });

  it('is chosen and reversed with a click on the header', () => {
    const widget = table();
    expect(point(widget, 'press', 14, 1)).toBe(true);
    expect(rows(widget, 80, 24)[1]).toContain('STATE ▲');
    point(widget, 'press', 14, 1);
    expect(rows(widget, 80, 24)[1]).toContain('STATE ▼');
  });
});

describe('a filter', () => {
  const tagged = words(machines, [
    ['web-1', 'prod gold'],
    ['web-2', 'scratch'],
    ['db-1', 'prod silver'],
    ['10.0.0.1:22', 'prod'],
  ]);

  it.each([
    ['web', ['web-1', 'web-2']],
    ['PROD', ['web-1', 'db-1', '10.0.0.1:22']],
    ['prod -gold', ['db-1', '10.0.0.1:22']],
    ['tag:scratch', ['web-2']],
    ['-tag:prod', ['web-2']],
    ['ta:silver', ['db-1']],
    ['name:1 tag:prod', ['web-1', 'db-1', '10.0.0.1:22']],
    ['"prod gold"', ['web-1']],
    ['0.1:22', ['10.0.0.1:22']],
    ['tag:', ['web-1', 'web-2', 'db-1', '10.0.0.1:22']],
    ['-', ['web-1', 'web-2', 'db-1', '10.0.0.1:22']],
  ])('%s leaves the rows that are meant', (filter, left) => {
    const widget = table(tagged);
    press(widget, '/', `"${filter}"`);
    expect(names(widget)).toEqual(left);
  });

  it('takes effect as one types, counts what is left, and escape shows everything again', () => {
    const widget = table();
    press(widget, '/', '"e"');
    const some = rows(widget, 80, 24)[0] ?? '';
    press(widget, '"rp"');
    const [few = ''] = rows(widget, 80, 24);
    expect(few).toMatch(/^Machines {2}13 of 64 {2}\/ erp$/);
    expect(some).not.toBe(few);
    press(widget, 'backspace', 'backspace', 'backspace', '"web"', 'enter');
    expect(rows(widget, 80, 24)[0]).toContain('/ web');
    expect(press(widget, 'escape')).toBe(true);
    expect(rows(widget, 80, 24)[0]).toBe('Machines  64');
    expect(press(widget, 'escape')).toBe(false);
  });

  it('takes every letter while it is typed, so that no shortcut acts', () => {
    const widget = table();
    press(widget, '/', '"s c g"');
    expect(widget.isTyping).toBe(true);
    expect(rows(widget, 80, 24)[0]).toContain('/ s c g');
    expect(rows(widget, 80, 24)[1] ?? '').not.toContain('▲');
    expect(widget.paste('\n\x1b[2Jdb')).toBe(true);
    expect(rows(widget, 80, 24)[0]).toContain('␛[2Jdb');
    press(widget, 'enter');
    expect(widget.isTyping).toBe(false);
  });

  it('finds figures where their column is named', () => {
    const widget = table();
    press(widget, '/', '"size:19 gib"');
    press(widget, 'escape', '/', '"size:19"');
    expect(names(widget)).toContain('erp-db-1');
  });

  it('that hides everything says how to see it again', () => {
    const widget = table();
    press(widget, '/', '"nowhere"');
    expect(rows(widget, 80, 24).join('\n')).toContain('nothing matches; escape shows all');
    expect(widget.row).toBeNull();
  });
});

describe('what a person chose in a table', () => {
  it('stays selected when new data comes, wherever the row is now', () => {
    const widget = table();
    press(widget, 'down', 'down', 'down');
    expect(widget.row).toBe('machine-3');
    widget.set({ ...machines, rows: [machineRow(900), machineRow(901), ...machines.rows] });
    expect(widget.row).toBe('machine-3');
    expect(rows(widget, 80, 24).find((line) => line.startsWith('▌'))).toContain('データ-3');
  });

  it('moves to its neighbour when the row has gone', () => {
    const widget = table();
    press(widget, 'down', 'down', 'down');
    widget.set({ ...machines, rows: machines.rows.filter(({ id }) => id !== 'machine-3') });
    expect(widget.row).toBe('machine-4');
  });

  it('is a row even before a key was pressed: data that comes above does not put another one under the hand', () => {
    const widget = table();
    widget.set({ ...machines, rows: [machineRow(900), ...machines.rows] });
    expect(widget.row).toBe('machine-0');
  });

  it('is marked with space, by what it stands for, and only while it is there', () => {
    const widget = table();
    press(widget, 'space', 'space', 'down', 'space');
    expect(widget.marked).toEqual(['machine-0', 'machine-1', 'machine-3']);
    expect(rows(widget, 80, 24)[0]).toBe('Machines  64 · 3 marked');
    widget.set({ ...machines, rows: machines.rows.filter(({ id }) => id !== 'machine-1') });
    expect(widget.marked).toEqual(['machine-0', 'machine-3']);
    widget.set({ ...machines, rows: [] });
    expect(widget.marked).toEqual([]);
  });

  it('is all that a filter shows, marked at once and unmarked at once', () => {
    const widget = table();
    press(widget, '/', '"state:missed"', 'enter', '*');
    expect(widget.marked).toHaveLength(9);
    press(widget, '*');
    expect(widget.marked).toEqual([]);
  });

  it('comes back in another session: filter, order, columns and the row, but no marks that are forgotten by then', () => {
    const widget = table();
    press(widget, '/', '"gold"', 'enter', 's', 's', 'S', 'c', 'down', 'down', 'space', 'escape', 'down', 'space');
    const state = JSON.parse(JSON.stringify(widget.state()));
    const next = new TableWidget(env());
    next.restore(state);
    next.set(machines);
    expect(next.marked).toEqual([]);
    press(widget, '*', '*');
    expect(rows(next, 80, 24)).toEqual(rows(widget, 80, 24));
    expect(next.row).toBe(widget.row);
  });

  it.each([null, 7, 'x', [], { filter: 7, sort: 'name', columns: [1, 'gone'], row: {} }])(
    'that was spoilt in its file does no harm: %j',
    (state) => {
      const widget = table();
      widget.restore(state);
      expect(rows(widget, 80, 24)[2]).toContain('web-0');
    },
  );

  it('opens with enter and with a click on what is selected', () => {
    const desk = env();
    const widget = table(machines, desk);
    press(widget, 'down', 'enter');
    point(widget, 'press', 10, 5);
    expect(widget.row).toBe('machine-3');
    point(widget, 'press', 10, 5);
    expect(desk.opened).toEqual(['machine-1', 'machine-3']);
  });
});

describe('moving in a table', () => {
  it('follows the wheel and the scroll bar without selecting anything else', () => {
    const widget = table();
    point(widget, 'wheel-down', 10, 10);
    expect(rows(widget, 80, 24)[2]).toContain('データ-3');
    expect(widget.row).toBe('machine-0');
    point(widget, 'press', 79, 23);
    expect(rows(widget, 80, 24).at(-1)).toContain('データ-63');
    press(widget, 'down');
    expect(rows(widget, 80, 24)[2]).toMatch(/^▌ erp-db-1/);
  });

  it('stops at the ends and says so, so that whoever is around may go on', () => {
    const widget = table();
    expect(press(widget, 'up')).toBe(false);
    expect(press(widget, 'end')).toBe(true);
    expect(press(widget, 'down')).toBe(false);
  });

  it('keeps the selected row in sight when the window changes', () => {
    const widget = table();
    frame(widget, 80, 40);
    press(widget, ...Array<string>(30).fill('down'));
    expect(rows(widget, 80, 8).some((line) => line.startsWith('▌'))).toBe(true);
  });
});

describe('a table without rows', () => {
  it('says what is missing and which command adds it', () => {
    const widget = table({ ...machines, rows: [] });
    expect(rows(widget, 40, 10).slice(1, 3)).toEqual([
      '  no machine is known yet: `holdfast',
      '  endpoint add` says where they are',
    ]);
    expect(widget.wantsFocus).toBe(false);
  });
});

describe('what is shown of a row', () => {
  it('is worded as the plain output words it', () => {
    const widget = table({
      ...machines,
      columns: [
        { key: 'a', title: 'a' },
        { key: 'b', title: 'b' },
        { key: 'c', title: 'c' },
      ],
      rows: [
        {
          id: '1',
          cells: {
            a: { kind: 'time', at: now - 3 * hour },
            b: { kind: 'duration', ms: 192 * 60_000 },
            c: { kind: 'none' },
          },
        },
      ],
    });
    expect(rows(widget, 80, 5)[2]).toBe('▌ 3 h ago  3 h 12 min  –');
  });

  it('never takes a column for a property that every object has', () => {
    const widget = table({ ...machines, columns: [{ key: 'constructor', title: 'x' }] });
    expect(rows(widget, 80, 5)[2]?.slice(0, 4)).toBe('▌ – ');
  });
});
