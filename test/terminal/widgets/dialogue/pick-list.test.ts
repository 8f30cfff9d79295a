import { describe, expect, test } from 'vitest';
import { UNDERLINE } from '../../../../core/terminal/cells/grid.ts';
import { type PickItem, PickList } from '../../../../core/terminal/widgets/dialogue/pick-list.ts';
import { hostileStrings } from '../../../model/text/hostile-strings.ts';
import { drawn, oddSizes, picture, press, rowsOf, type } from './typing.ts';

const commands: readonly PickItem[] = [
  { id: 'restore', title: 'Restore a machine', detail: 'restore.machine', key: 'r', group: 'used lately' },
  { id: 'protect', title: 'Protect machines now', detail: 'protect', key: 'ctrl+k p', group: 'used lately' },
  { id: 'forget', title: 'Forget a restore point', refused: 'a viewer may not', group: 'commands' },
  { id: 'list', title: 'List machines', group: 'commands' },
];

function open(items: readonly PickItem[] = commands) {
  const told: string[] = [];
  const list = new PickList({
    title: 'Commands',
    items,
    onPick: ({ id }) => told.push(id),
    onCancel: () => told.push('cancelled'),
    onSelect: (item) => told.push(`→${item?.id ?? 'none'}`),
    invalidate: () => {},
  });
  told.length = 0;
  return { list, told, picked: () => told.filter((word) => !word.startsWith('→')) };
}

describe('a list to pick from', () => {
  test('shows what was used lately first, with groups and keys, at 80×24', () => {
    expect(picture(open().list)).toMatchInlineSnapshot(`
      "
        ┌─ Commands ───────────────────────────────────────────────────────────────┐
        │ type to search                                                           │
        │ used lately                                                              │
        │ ▐Restore a machine  restore.machine                                   r  │
        │  Protect machines now  protect                                     ^K p  │
        │ commands                                                                 │
        │  Forget a restore point                              ✗ a viewer may not  │
        │  List machines                                                           │
        │ 1 of 4                                                                   │
        └──────────────────────────────────────────────────────────────────────────┘"
    `);
  });

  test('shows what fits while one types, at 120×40', () => {
    const { list } = open();
    type(list, 'point');
    expect(picture(list, 120, 40)).toMatchInlineSnapshot(`
      "
                        ┌─ Commands ───────────────────────────────────────────────────────────────────────┐
                        │ point                                                                            │
                        │ ▐Forget a restore point                                      ✗ a viewer may not  │
                        │                                                                                  │
                        │                                                                                  │
                        │                                                                                  │
                        │ 1 of 1                                                                           │
                        └──────────────────────────────────────────────────────────────────────────────────┘"
    `);
  });

  test('marks what was found so that it shows without colour too', () => {
    const { list } = open();
    type(list, 'lm');
    const grid = drawn(list);
    const marked = grid.chars.filter((_, at) => ((grid.flags[at] ?? 0) & UNDERLINE) !== 0);
    expect(marked).toEqual(['L', 'm']);
  });

  test('takes the best one by Enter', () => {
    const { list, picked } = open();
    type(list, 'lm');
    press(list, 'enter');
    expect(picked()).toEqual(['list']);
  });

  test('goes up and down around the ends, and by Escape away', () => {
    const { list, told, picked } = open();
    press(list, 'down', 'down', 'up', 'up', 'up');
    expect(told).toEqual(['→protect', '→forget', '→protect', '→restore', '→list']);
    press(list, 'escape');
    expect(picked()).toEqual(['cancelled']);
  });

  test('tells why something cannot be chosen, and does not choose it', () => {
    const { list, picked } = open();
    press(list, 'down', 'down', 'enter');
    expect(picked()).toEqual([]);
    expect(picture(list)).toContain('│ ✗ a viewer may not');
    type(list, 'x');
    expect(picture(list)).not.toContain('│ ✗ a viewer may not');
  });

  test('does not begin on something refused', () => {
    const { list } = open([...commands].reverse().slice(1));
    expect(list.selected?.id).toBe('protect');
  });

  test('keeps what is selected when more was found out', () => {
    const { list } = open();
    press(list, 'down');
    list.setItems([{ id: 'new', title: 'New' }, ...commands]);
    expect(list.selected?.id).toBe('protect');
  });

  test('says when nothing fits', () => {
    const { list, picked } = open();
    type(list, 'zzz');
    expect(picture(list)).toContain('nothing fits what is typed');
    press(list, 'enter', 'down', 'up', 'pagedown');
    expect(picked()).toEqual([]);
  });

  test('finds among ten thousand, shorter and longer queries alike', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({ id: `${index}`, title: `machine web-${index}` }));
    const { list } = open(many);
    type(list, 'web9999');
    expect(list.selected?.id).toBe('9999');
    press(list, 'backspace', 'backspace');
    expect(list.selected?.id).toBe('99');
    press(list, 'ctrl+end');
    expect(picture(list)).toContain('▐machine web-');
    press(list, 'ctrl+u', 'ctrl+end');
    expect(list.selected?.id).toBe('9999');
    expect(picture(list)).toContain('10,000 of 10,000');
  });

  test('takes a click on a row, and goes away by one outside', () => {
    const { list, picked } = open();
    const rows = rowsOf(drawn(list));
    const y = rows.findIndex((row) => row.includes('List machines'));
    list.mouse({ kind: 'mouse', action: 'press', button: 'left', x: 10, y });
    list.mouse({ kind: 'mouse', action: 'press', button: 'left', x: 0, y: 20 });
    expect(picked()).toEqual(['list', 'cancelled']);
  });

  test('keeps every key to itself while it is open', () => {
    expect(press(open().list, 'f5', 'ctrl+x', 'q', 'enter')).toEqual([true, true, true, true]);
  });

  test('draws hostile names at any size', () => {
    const items = hostileStrings(200).map((name, index) => ({
      id: `${index}`,
      title: name,
      detail: name,
      key: name,
      refused: index % 3 === 0 ? name : null,
      group: name,
    }));
    for (const [width, height] of oddSizes) {
      const { list } = open(items);
      for (const name of ['down', 'pagedown', 'e', 'enter']) {
        press(list, name);
        expect(drawn(list, width, height).chars.join('')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      }
    }
  });
});
