import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type TabItem, Tabs } from '../../../../core/terminal/widgets/dialogue/tabs.ts';
import { hostileStrings } from '../../../model/text/hostile-strings.ts';
import { drawn, oddSizes, picture, press } from './typing.ts';

const items: readonly TabItem[] = [
  { id: 'machines', title: 'Machines', canClose: false },
  { id: 'web', title: 'web-07' },
  { id: 'restore', title: 'Restore erp-db to kvm', isModified: true },
  { id: 'run', title: 'Run 8f2c' },
  { id: 'audit', title: 'Audit' },
];

function open(active = 'machines', all: readonly TabItem[] = items) {
  const told: string[] = [];
  const tabs = new Tabs({
    invalidate: () => {},
    onSelect: (id) => told.push(id),
    onClose: (id) => told.push(`close ${id}`),
  });
  tabs.set(all, active);
  return { tabs, told };
}

const click = (x: number, button: 'left' | 'middle' = 'left') =>
  ({ kind: 'mouse', action: 'press', button, x, y: 0 }) as const;

describe('a strip of tabs', () => {
  test('shows what is open, what is modified and what can be closed', () => {
    expect(picture(open().tabs, 80, 1)).toBe(' Machines  web-07 ×  Restore erp-db to kvm • ×  Run 8f2c ×  Audit ×');
  });

  test('always shows the active one, and how many are hidden on each side', () => {
    expect(picture(open().tabs, 40, 1)).toBe(' Machines  web-07 ×                   3›');
    expect(picture(open('run').tabs, 30, 1)).toBe('‹3  Run 8f2c ×  Audit ×');
    expect(picture(open('audit').tabs, 12, 1)).toBe('‹4  Audit ×');
  });

  test('is gone through by keys, around its ends', () => {
    const { tabs, told } = open();
    press(tabs, 'right', 'left', 'left', 'home', 'end', 'delete');
    expect(told).toEqual(['web', 'machines', 'audit', 'machines', 'audit', 'close audit']);
    expect(press(tabs, 'x', 'down')).toEqual([false, false]);
  });

  test('takes clicks: to go to a tab, on its × or with the middle button to close it', () => {
    const { tabs, told } = open();
    const row = picture(tabs, 80, 1);
    tabs.mouse(click(row.indexOf('web-07')));
    tabs.mouse(click(row.indexOf('×')));
    tabs.mouse(click(row.indexOf('Audit'), 'middle'));
    tabs.mouse(click(row.indexOf('Machines'), 'middle'));
    expect(told).toEqual(['web', 'close web', 'close audit']);
  });

  test('goes to hidden ones by a click on their number', () => {
    const { tabs, told } = open('web');
    picture(tabs, 40, 1);
    tabs.mouse(click(39));
    expect(told).toEqual(['restore']);
    tabs.set(items, 'restore');
    expect(picture(tabs, 40, 1)).toContain('Restore');
    tabs.mouse(click(0));
    expect(told).toHaveLength(2);
  });

  test('shows the active one at any width, whatever the others are called', () => {
    const title = fc.string({ unit: fc.constantFrom('a', 'b', '你', ' '), minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        fc.array(title, { minLength: 1, maxLength: 12 }),
        fc.nat(11),
        fc.integer({ min: 16, max: 120 }),
        (titles, at, width) => {
          const all = titles.map((text, index) => ({
            id: `${index}`,
            title: index === at % titles.length ? 'ACTIVE' : text,
          }));
          const { tabs } = open(`${at % titles.length}`, all);
          expect(picture(tabs, width, 1)).toContain('ACT');
        },
      ),
    );
  });

  test('is drawn at any size', () => {
    const all = hostileStrings(40).map((title, index) => ({ id: `${index}`, title, isModified: index % 2 === 0 }));
    for (const [width, height] of oddSizes) {
      for (const active of ['0', '20', '39']) {
        expect(drawn(open(active, all).tabs, width, height).chars.join('')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      }
    }
    expect(picture(open('none', []).tabs, 20, 1)).toBe('');
  });
});
