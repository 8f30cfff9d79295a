import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Grid } from '../../../../core/terminal/cells/grid.ts';
import { TextField } from '../../../../core/terminal/widgets/dialogue/text-field.ts';
import { hostileStrings } from '../../../model/text/hostile-strings.ts';
import { drawn, oddSizes, press, type } from './typing.ts';

const rowOf = (field: TextField, width: number): string => drawn(field, width, 1).row(0).trimEnd();

describe('a text field', () => {
  test('is typed into, moved in and corrected', () => {
    const field = new TextField();
    type(field, 'web 07');
    press(field, 'left', 'left', 'backspace');
    type(field, '-');
    expect(field.value).toBe('web-07');
    press(field, 'home', 'delete', 'end', 'shift+space');
    type(field, '!');
    expect(field.value).toBe('eb-07 !');
    expect(field.cursor).toBe(7);
  });

  test('knows words', () => {
    const field = new TextField({ value: 'one two-three 你好' });
    press(field, 'ctrl+left', 'ctrl+left');
    expect(field.cursor).toBe(8);
    press(field, 'ctrl+w');
    expect(field.value).toBe('one twothree 你好');
    press(field, 'ctrl+left', 'alt+d');
    expect(field.value).toBe('one  你好');
    press(field, 'ctrl+right', 'ctrl+u');
    expect(field.value).toBe('');
  });

  test('replaces what is selected with shift', () => {
    const field = new TextField({ value: 'web-07' });
    press(field, 'shift+left', 'shift+left');
    expect(field.selection).toEqual([4, 6]);
    type(field, '8');
    expect(field.value).toBe('web-8');
    press(field, 'shift+home', 'delete');
    expect(field.value).toBe('');
    field.value = 'abc';
    press(field, 'shift+left', 'left');
    expect(field.selection).toEqual([2, 2]);
  });

  test('takes back what was typed word by word, and gives it again', () => {
    const field = new TextField();
    type(field, 'one two');
    press(field, 'ctrl+z');
    expect(field.value).toBe('one ');
    press(field, 'ctrl+z', 'ctrl+z');
    expect(field.value).toBe('');
    press(field, 'ctrl+y', 'ctrl+y');
    expect(field.value).toBe('one ');
    type(field, 'x');
    press(field, 'ctrl+y');
    expect(field.value).toBe('one x');
  });

  test('takes one line that is pasted as it is, and joins several', () => {
    const field = new TextField();
    field.paste('a line\n');
    expect(field.value).toBe('a line');
    field.value = '';
    field.paste('one\r\ntwo\n\nthree');
    expect(field.value).toBe('one two three');
  });

  test('keeps letters whole: marks, families and flags are one letter each', () => {
    const field = new TextField({ value: 'e\u0301👩‍👩‍👧🇩🇪' });
    expect(field.length).toBe(3);
    press(field, 'backspace', 'left', 'backspace');
    expect(field.value).toBe('👩‍👩‍👧');
    field.value = 'e';
    field.insert('\u0301');
    expect([field.length, field.cursor]).toEqual([1, 1]);
  });

  test('leaves keys alone that mean nothing in a line', () => {
    const field = new TextField();
    expect(press(field, 'up', 'down', 'enter', 'tab', 'escape', 'f1', 'ctrl+p', 'alt+x')).toEqual(Array(8).fill(false));
    expect(field.value).toBe('');
  });

  test('shows its placeholder while it is empty', () => {
    const field = new TextField({ placeholder: 'latest' });
    expect(rowOf(field, 20)).toBe('latest');
    type(field, 'x');
    expect(rowOf(field, 20)).toBe('x');
  });

  test('scrolls, and says on which side something is cut', () => {
    const field = new TextField({ value: 'abcdefghijklmnop' });
    expect(rowOf(field, 8)).toBe('…klmnop');
    press(field, 'home');
    expect(rowOf(field, 8)).toBe('abcdefg…');
    press(field, 'right', 'right', 'right', 'right', 'right', 'right', 'right');
    expect(rowOf(field, 8)).toBe('…cdefgh…');
  });

  test('puts the cursor where the mouse points', () => {
    const field = new TextField({ value: '你好abc' });
    rowOf(field, 20);
    field.mouse({ kind: 'mouse', action: 'press', button: 'left', x: 3, y: 0 });
    expect(field.cursor).toBe(1);
    field.mouse({ kind: 'mouse', action: 'drag', button: 'left', x: 5, y: 0 });
    expect(field.selection).toEqual([1, 3]);
    field.mouse({ kind: 'mouse', action: 'press', button: 'left', x: 19, y: 0 });
    expect(field.cursor).toBe(5);
  });

  test('holds no more than it may, and never half a letter', () => {
    const field = new TextField({ maxLength: 5 });
    field.paste('abc👩‍👩‍👧');
    expect(field.value).toBe('abc');
    type(field, 'defg');
    expect(field.value).toBe('abcde');
  });

  test('keeps a hostile name as it is and draws nothing of it that acts', () => {
    for (const name of hostileStrings(500)) {
      const field = new TextField({ value: name, maxLength: 10_000 });
      expect(field.value).toBe(name);
      for (const [width, height] of [
        [1, 1],
        [30, 1],
      ] as const) {
        const row = drawn(field, width, height).row(0);
        expect(row).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }
      press(field, 'home', 'right', 'shift+end', 'left', 'delete', 'backspace', 'ctrl+w');
    }
  });

  test('is never drawn in a way that throws', () => {
    for (const [width, height] of oddSizes) {
      const field = new TextField({ value: '你好'.repeat(40) });
      for (const name of ['home', 'right', 'end', 'left', 'shift+home']) {
        press(field, name);
        expect(() => drawn(field, width, height)).not.toThrow();
      }
    }
  });
});

describe('a secret', () => {
  test('is never drawn, not even while it is typed, and does not hang about', () => {
    const field = new TextField({ secret: true, placeholder: 'what you type is not shown' });
    const secret = 'correct horse';
    for (const letter of secret) {
      type(field, letter);
      const grid = drawn(field, 40, 1);
      expect(grid.row(0).trimEnd()).toMatch(/^•+$/);
    }
    expect(field.value).toBe(secret);
    expect(inspect(field, { depth: 9, showHidden: true }) + JSON.stringify(field)).not.toContain('horse');
    press(field, 'ctrl+w');
    expect(field.value).toBe('');
    press(field, 'ctrl+z');
    expect(field.value).toBe('');
  });

  test('gives nothing away by where its words end', () => {
    const field = new TextField({ secret: true, value: 'correct horse battery' });
    press(field, 'ctrl+left');
    expect(field.cursor).toBe(0);
  });

  test('that is pasted keeps its lines', () => {
    const field = new TextField({ secret: true });
    field.paste('-----BEGIN\nabc\n');
    expect(field.value).toBe('-----BEGIN\nabc');
  });
});

/** A text field as simply as it can be written: letters, cursor, where the selection began. */
class Model {
  letters: string[] = [];
  cursor = 0;
  anchor: number | null = null;
  past: [string[], number][] = [];

  get range(): [number, number] {
    const anchor = this.anchor ?? this.cursor;
    return [Math.min(anchor, this.cursor), Math.max(anchor, this.cursor)];
  }

  splice(from: number, to: number, letters: string[]): void {
    this.letters = [...this.letters.slice(0, from), ...letters, ...this.letters.slice(to)];
    this.cursor = from + letters.length;
    this.anchor = null;
  }

  press(name: string): void {
    const [from, to] = this.range;
    const hasRange = from !== to;
    const move = (at: number, selects: boolean) => {
      this.anchor = selects ? (this.anchor ?? this.cursor) : null;
      this.cursor = Math.max(0, Math.min(this.letters.length, at));
    };
    if (name === 'left') move(hasRange ? from : this.cursor - 1, false);
    else if (name === 'right') move(hasRange ? to : this.cursor + 1, false);
    else if (name === 'shift+left') move(this.cursor - 1, true);
    else if (name === 'shift+right') move(this.cursor + 1, true);
    else if (name === 'home' || name === 'shift+home') move(0, name !== 'home');
    else if (name === 'end' || name === 'shift+end') move(this.letters.length, name !== 'end');
    else if (name === 'backspace') this.splice(hasRange ? from : Math.max(0, from - 1), to, []);
    else if (name === 'delete') this.splice(from, hasRange ? to : Math.min(this.letters.length, to + 1), []);
    else this.splice(from, to, [name]);
  }
}

test('a text field does what its model does, whatever is pressed, and its cursor is always seen on its letter', () => {
  const names = [
    'left',
    'right',
    'shift+left',
    'shift+right',
    'home',
    'end',
    'shift+home',
    'shift+end',
    'backspace',
    'delete',
  ];
  const letters = ['a', 'b', 'Z', '你', 'é', '-', '😀'];
  const keys = fc.array(fc.oneof(fc.constantFrom(...names), fc.constantFrom(...letters)), { maxLength: 60 });
  fc.assert(
    fc.property(keys, fc.integer({ min: 4, max: 20 }), (pressed, width) => {
      const field = new TextField();
      const model = new Model();
      for (const name of pressed) {
        press(field, name);
        model.press(name);
        expect(field.value).toBe(model.letters.join(''));
        expect(field.cursor).toBe(model.cursor);
        expect(field.selection).toEqual(model.range);
        const grid = new Grid(width, 1);
        field.draw(grid.surface(), true);
        const { cursor } = grid;
        expect(cursor).not.toBeNull();
        expect(grid.chars[cursor?.x ?? 0]).toBe(model.letters[model.cursor] ?? ' ');
      }
    }),
    { numRuns: 200 },
  );
});

test('undo goes back through every state, and redo forward again', () => {
  const changes = fc.array(
    fc.constantFrom('a', 'space', 'backspace', 'ctrl+w', 'left', 'home', 'shift+right', 'delete'),
    {
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(changes, (pressed) => {
      const field = new TextField();
      press(field, ...pressed);
      const end = field.value;
      for (let i = 0; i < pressed.length + 1; i++) press(field, 'ctrl+z');
      expect(field.value).toBe('');
      for (let i = 0; i < pressed.length + 1; i++) press(field, 'ctrl+y');
      expect(field.value).toBe(end);
    }),
  );
});
