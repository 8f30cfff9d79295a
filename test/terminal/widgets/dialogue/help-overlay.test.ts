import { describe, expect, test } from 'vitest';
import { type HelpGroup, HelpOverlay } from '../../../../core/terminal/widgets/dialogue/help-overlay.ts';
import { hostileStrings } from '../../../model/text/hostile-strings.ts';
import { drawn, oddSizes, picture, press, type } from './typing.ts';

const groups: readonly HelpGroup[] = [
  {
    title: 'Move',
    entries: [
      { key: 'up/down', title: 'Up and down' },
      { key: 'pageup/pagedown', title: 'A page up or down' },
      { key: 'g/home', title: 'To the top' },
    ],
  },
  {
    title: 'Machines',
    entries: [
      { key: 'p', title: 'Protect' },
      { key: 'r', title: 'Restore', note: 'an operator may' },
      { key: 'ctrl+k ctrl+s', title: 'Scan', note: '@acme/scan' },
    ],
  },
];

function open(all: readonly HelpGroup[] = groups) {
  let closed = 0;
  const help = new HelpOverlay({
    title: 'Keys of Machines',
    groups: all,
    onClose: () => {
      closed += 1;
    },
    invalidate: () => {},
  });
  return { help, closed: () => closed };
}

describe('the keys of a view', () => {
  test('are shown by group, at 80×24', () => {
    expect(picture(open().help)).toMatchInlineSnapshot(`
      "




        ┌─ Keys of Machines ───────────────────────────────────────────────────────┐
        │ type to look for a key                                                   │
        │                                                                          │
        │ Move                                 Machines                            │
        │        ↑↓  Up and down                       p  Protect                  │
        │ pgup pgdn  A page up or down                 r  Restore  an operator m…  │
        │    g home  To the top                    ^K ^S  Scan  @acme/scan         │
        │                                                                          │
        └──────────────────────────────────────────────────────────────────────────┘"
    `);
  });

  test('stand in two columns where there is room, at 120×40', () => {
    expect(picture(open().help, 120, 40)).toMatchInlineSnapshot(`
      "









                ┌─ Keys of Machines ───────────────────────────────────────────────────────────────────────────────┐
                │ type to look for a key                                                                           │
                │                                                                                                  │
                │ Move                                             Machines                                        │
                │        ↑↓  Up and down                                   p  Protect                              │
                │ pgup pgdn  A page up or down                             r  Restore  an operator may             │
                │    g home  To the top                                ^K ^S  Scan  @acme/scan                     │
                │                                                                                                  │
                └──────────────────────────────────────────────────────────────────────────────────────────────────┘"
    `);
  });

  test('are found by what they do and by what they are called', () => {
    const { help } = open();
    type(help, 'rest');
    expect(picture(help)).toContain('r  Restore');
    expect(picture(help)).not.toContain('Protect');
    press(help, 'ctrl+u');
    type(help, '^K');
    expect(picture(help)).toContain('Scan');
    expect(picture(help)).not.toContain('Restore');
    type(help, 'zzz');
    expect(picture(help)).toContain('no key fits what is typed');
  });

  test('scroll where there is no room, and every one of them is reached', () => {
    const entries = Array.from({ length: 60 }, (_, index) => ({ key: 'x', title: `does ${index}.` }));
    const { help } = open([{ title: 'Many', entries }]);
    const seen = new Set<string>();
    for (let i = 0; i < 70; i++) {
      for (const [found] of picture(help, 100, 12).matchAll(/does \d+\./g)) seen.add(found);
      press(help, 'down');
    }
    expect(seen.size).toBe(60);
  });

  test('go away by Escape, Enter, ? and a click beside them', () => {
    for (const name of ['escape', 'enter', '?']) {
      const { help, closed } = open();
      press(help, name);
      expect(closed()).toBe(1);
    }
    const { help, closed } = open();
    drawn(help);
    help.mouse({ kind: 'mouse', action: 'press', button: 'left', x: 0, y: 0 });
    expect(closed()).toBe(1);
  });

  test('are drawn at any size, whatever plugins call them', () => {
    const entries = hostileStrings(60).map((text) => ({ key: text, title: text, note: text }));
    for (const [width, height] of oddSizes) {
      const { help } = open([{ title: entries[0]?.title ?? '', entries }]);
      press(help, 'down', 'pagedown');
      expect(drawn(help, width, height).chars.join('')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    }
  });
});
