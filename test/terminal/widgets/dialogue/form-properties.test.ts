import type { CommandDeclaration, JsonSchema, Plain } from '@holdfast/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkArguments } from '../../../../core/shell/registry/check-arguments.ts';
import { FormWidget } from '../../../../core/terminal/widgets/dialogue/form/form-widget.ts';
import { hostileString } from '../../../model/text/hostile-strings.ts';
import { drawn, press, type } from './typing.ts';

const name = fc.constantFrom('a', 'bB', 'c1', '__proto__', 'constructor', 'to');
const leaf = fc.oneof(
  fc.constantFrom<JsonSchema>(
    { type: 'string' },
    { type: 'string', secret: true },
    { type: 'string', enum: ['one', 'two', 'three'], default: 'two' },
    { type: 'string', pattern: '^[a-c]*$', default: 'abc' },
    { type: 'integer', minimum: 1, maximum: 20 },
    { type: 'number' },
    { type: 'boolean', default: true },
    { type: 'array', items: { type: 'string' }, default: ['x', 'y'], 'x-separator': ',' },
    { type: 'array', items: { type: 'string', enum: ['one', 'two'] } },
    { type: 'string', 'x-completes': 'machine' },
  ),
  hostileString.map((text): JsonSchema => ({ type: 'string', title: text, description: text, default: text })),
);
const plainName = fc.constantFrom('a', 'bB', 'c1', 'to');
const properties = fc.dictionary(name, leaf, { maxKeys: 5 });
const flat = fc
  .tuple(properties, fc.array(name, { maxLength: 3 }))
  .map(([all, required]): JsonSchema => ({ type: 'object', properties: all, required }));
const plain = fc
  .tuple(fc.dictionary(plainName, leaf, { maxKeys: 5 }), fc.array(plainName, { maxLength: 3 }))
  .map(([all, required]): JsonSchema => ({ type: 'object', properties: all, required }));
const anySchema = fc.oneof(
  flat,
  fc.tuple(properties, flat).map(([all, inner]): JsonSchema => ({ type: 'object', properties: { ...all, inner } })),
  fc.object({ maxDepth: 3 }).map((odd): JsonSchema => odd as JsonSchema),
);

const names = [
  'tab',
  'shift+tab',
  'enter',
  'escape',
  'up',
  'down',
  'left',
  'right',
  'space',
  'backspace',
  'delete',
  'alt+up',
];
const keys = fc.array(fc.oneof(fc.constantFrom(...names), fc.constantFrom('a', 'b', '1', '-', '.', ',', 'é', 'y')), {
  maxLength: 40,
});

const formOf = (schema: JsonSchema, values: Readonly<Record<string, Plain>> = {}): FormWidget => {
  const form = new FormWidget({
    invalidate: () => {},
    choices: async () => [{ value: 'abc', title: 'abc', refused: null }],
    onChange: () => {},
    onSubmit: () => expect(form.isComplete).toBe(true),
  });
  form.set(schema, values);
  return form;
};

test('a form of any schema takes any keys at any size, draws nothing that acts, and is only sent complete', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 20 }));
  fc.assert(
    fc.property(anySchema, keys, sizes, hostileString, (schema, pressed, [width, height], pasted) => {
      const form = formOf(schema);
      for (const [index, one] of pressed.entries()) {
        press(form, one);
        if (index % 7 === 3) form.paste(pasted);
        if (index % 5 !== 0) continue;
        expect(drawn(form, width, height).chars.join('')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
        form.mouse({ kind: 'mouse', action: 'press', button: 'left', x: index % width, y: index % height });
      }
      expect(form.isComplete).toBe(form.problems.length === 0);
    }),
    { numRuns: 300 },
  );
});

test('a form is content exactly when the command itself is', () => {
  fc.assert(
    fc.property(plain, keys, (schema, pressed) => {
      const form = formOf(schema);
      press(form, ...pressed);
      const command: CommandDeclaration = { id: 'x', title: '', args: schema, danger: 'read' };
      let isContent = true;
      try {
        const checked = checkArguments(command, form.values);
        const required = (schema.required as readonly string[]).filter((one) =>
          Object.hasOwn(schema.properties as object, one),
        );
        isContent = required.every((one) => {
          const value = Object.hasOwn(checked, one) ? checked[one] : undefined;
          return value !== undefined && !(Array.isArray(value) && value.length === 0);
        });
      } catch (error) {
        expect(error).toMatchObject({ code: 'USAGE' });
        isContent = false;
      }
      expect(form.isComplete).toBe(isContent);
    }),
    { numRuns: 300 },
  );
});

test('values that were given come back as they were, as long as nobody types', () => {
  const values = fc.dictionary(
    name,
    fc.oneof(
      hostileString.map((text) => `x${text}`),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.string()),
    ),
    {
      maxKeys: 5,
    },
  );
  fc.assert(
    fc.property(flat, values, (schema, given) => {
      const form = formOf(schema, given);
      for (let i = 0; i < 6; i++) press(form, 'tab');
      const known = Object.keys((schema.properties ?? {}) as object);
      const kept = Object.fromEntries(Object.entries(given).filter(([key]) => known.includes(key)));
      expect(form.values).toEqual(kept);
    }),
  );
});

test('what is typed survives another form between', () => {
  const typed = fc.string({ unit: fc.constantFrom('a', 'b', '1', '-'), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(typed, leaf, (text, other) => {
      fc.pre(other.secret !== true);
      const form = formOf({ type: 'object', properties: { it: { type: 'string' } } });
      type(form, text);
      form.set({ type: 'object', properties: { more: { type: 'integer' }, it: other } }, {});
      expect(form.values).toEqual({ it: text });
    }),
  );
});
