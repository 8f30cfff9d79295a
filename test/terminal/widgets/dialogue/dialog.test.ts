import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Dialog, type DialogOptions } from '../../../../core/terminal/widgets/dialogue/dialog.ts';
import { hostileStrings } from '../../../model/text/hostile-strings.ts';
import { drawn, oddSizes, picture, press, rowsOf, type } from './typing.ts';

const consequence =
  'This forgets 3 restore points of web-07; they cannot be restored any more.\nTheir bytes stay until the next prune.';

function open(more: Partial<DialogOptions> = {}) {
  const told: [string, string | null][] = [];
  let now = 0;
  const dialog = new Dialog({
    title: 'Forget 3 restore points',
    consequence,
    buttons: [
      { id: 'keep', title: 'Keep them', kind: 'safe' },
      { id: 'forget', title: 'Forget', kind: 'destroy' },
    ],
    onAnswer: (id, text) => told.push([id, text]),
    onCancel: () => told.push(['cancelled', null]),
    now: () => now,
    invalidate: () => {},
    ...more,
  });
  return { dialog, told, wait: (ms: number) => (now += ms) };
}

describe('a dialog', () => {
  test('names the consequence, with the focus on the safe answer, at 80×24', () => {
    const { dialog, told } = open();
    expect(picture(dialog)).toMatchInlineSnapshot(`
      "




        ┌─ Forget 3 restore points ────────────────────────────────────────────────┐
        │ This forgets 3 restore points of web-07; they cannot be restored any     │
        │ more.                                                                    │
        │ Their bytes stay until the next prune.                                   │
        │                                                                          │
        │                                       ‹ Keep them ›    ✗ hold ⏎ Forget   │
        └──────────────────────────────────────────────────────────────────────────┘"
    `);
    press(dialog, 'enter');
    expect(told).toEqual([['keep', null]]);
  });

  test('asks for the name that will be gone, at 120×40', () => {
    const { dialog, told } = open({ typeBack: 'web-07' });
    expect(picture(dialog, 120, 40)).toMatchInlineSnapshot(`
      "









                            ┌─ Forget 3 restore points ────────────────────────────────────────────────┐
                            │ This forgets 3 restore points of web-07; they cannot be restored any     │
                            │ more.                                                                    │
                            │ Their bytes stay until the next prune.                                   │
                            │                                                                          │
                            │ type web-07 to go on                                                     │
                            │                                                                          │
                            │                                                                          │
                            │                                                Keep them      ✗ Forget   │
                            └──────────────────────────────────────────────────────────────────────────┘"
    `);
    type(dialog, 'web-0');
    press(dialog, 'enter', 'tab', 'tab', 'enter', 'space');
    expect(told).toEqual([]);
    expect(picture(dialog)).toContain('✗ that is not what has to be typed');
    press(dialog, 'tab');
    type(dialog, '7');
    press(dialog, 'enter');
    expect(told).toEqual([]);
    press(dialog, 'enter');
    expect(told).toEqual([['forget', null]]);
  });

  test('lets a name that cannot be typed be typed as it is shown', () => {
    const { dialog, told } = open({ typeBack: 'web\x1b[2J\u202e' });
    type(dialog, 'web␛[2J<U+202E>');
    press(dialog, 'enter', 'enter');
    expect(told).toEqual([['forget', null]]);
  });

  test('destroys by a key that is held down, never by one press or many slow ones', () => {
    const { dialog, told, wait } = open();
    press(dialog, 'tab', 'enter');
    expect(told).toEqual([]);
    for (let i = 0; i < 40; i++) {
      wait(2000);
      press(dialog, 'enter');
    }
    expect(told).toEqual([]);
    for (let i = 0; i < 10; i++) press(dialog, 'enter');
    expect(picture(dialog)).toContain('Forget 55 %');
    press(dialog, 'left', 'right');
    for (let i = 0; i < 19; i++) press(dialog, 'enter');
    expect(told).toEqual([]);
    press(dialog, 'enter');
    expect(told).toEqual([['forget', null]]);
  });

  test('destroys by a mouse button that is held down, not by a click', () => {
    const { dialog, told, wait } = open();
    const rows = rowsOf(drawn(dialog));
    const y = rows.findIndex((row) => row.includes('✗ hold'));
    const x = (rows[y] ?? '').indexOf('✗');
    const mouse = (action: 'press' | 'release') => dialog.mouse({ kind: 'mouse', action, button: 'left', x, y });
    mouse('press');
    wait(200);
    mouse('release');
    expect(told).toEqual([]);
    mouse('press');
    wait(1600);
    mouse('release');
    expect(told).toEqual([['forget', null]]);
  });

  test('answers once', () => {
    const { dialog, told } = open();
    press(dialog, 'enter', 'enter', 'escape');
    expect(told).toEqual([['keep', null]]);
  });

  test('goes away by Escape', () => {
    const { dialog, told } = open({ typeBack: 'x' });
    press(dialog, 'escape');
    expect(told).toEqual([['cancelled', null]]);
  });

  const rename: Partial<DialogOptions> = {
    buttons: [
      { id: 'no', title: 'Cancel', kind: 'safe' },
      { id: 'ok', title: 'Save' },
    ],
    field: { label: 'Name', value: 'web-07', check: (text) => (text === '' ? 'a name is needed' : null) },
  };

  test('takes a text by Enter, and tells what is wrong with it', () => {
    const { dialog, told } = open(rename);
    press(dialog, 'ctrl+u', 'enter');
    expect(told).toEqual([]);
    expect(picture(dialog)).toContain('✗ a name is needed');
    type(dialog, 'erp');
    press(dialog, 'enter');
    expect(told).toEqual([['ok', 'erp']]);
  });

  test('never shows a secret, nor keeps it once it is answered', () => {
    const { dialog, told } = open({ ...rename, field: { label: 'Passphrase', secret: true } });
    type(dialog, 'horse');
    dialog.paste(' battery\n');
    expect(picture(dialog)).not.toMatch(/horse|battery/);
    press(dialog, 'enter');
    expect(told).toEqual([['ok', 'horse battery']]);
    expect(inspect(dialog, { depth: 9, showHidden: true })).not.toMatch(/horse|battery/);
    expect(picture(dialog)).not.toContain('•');
  });

  test('shows its buttons even when there is no room for what it says, which then scrolls', () => {
    const { dialog } = open({ consequence: Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n') });
    const before = picture(dialog, 40, 10);
    expect(before).toContain('Keep them');
    expect(before).toContain('line 0');
    press(dialog, 'pagedown', 'down', 'down');
    expect(picture(dialog, 40, 10)).toContain('line 5');
    expect(picture(dialog, 40, 10)).not.toContain('line 0 ');
    for (let i = 0; i < 80; i++) press(dialog, 'down');
    expect(picture(dialog, 40, 10)).toContain('line 49');
    press(dialog, 'up');
    expect(picture(dialog, 40, 10)).not.toContain('line 49');
  });

  test('draws hostile text at any size', () => {
    for (const text of hostileStrings(60)) {
      const title = text;
      const { dialog } = open({
        title,
        consequence: text,
        typeBack: text,
        buttons: [{ id: 'x', title, kind: 'destroy' }],
      });
      for (const [width, height] of oddSizes.slice(0, 12)) {
        expect(drawn(dialog, width, height).chars.join('')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      }
    }
    for (const [width, height] of oddSizes) expect(() => drawn(open().dialog, width, height)).not.toThrow();
  });
});
