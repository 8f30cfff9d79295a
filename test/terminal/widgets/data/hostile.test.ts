import type { Cell, ChartView, View } from '@holdfast/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../../core/shell/format/width.ts';
import type { Grid } from '../../../../core/terminal/cells/grid.ts';
import { ViewWidget } from '../../../../core/terminal/widgets/data/view-widget.ts';
import { env, frame, now, press } from './draw.ts';

const attacks = [
  '\x1b]52;c;cm0gLXJmIC8=\x07',
  '\x1b[2J\x1b[6n',
  '\x9b2J\x90q\x9c',
  '\u202egnp.exe\u2066\u2069\u200b\u00ad\ufeff',
  'a\r\nb\tc\0d\x7f',
  '\ud800',
  '\u2028\u2029',
  'データセンター東京',
  '👩‍👩‍👧‍👦🏳️‍🌈👍🏽🇩🇪',
  'ก็็็็็็็็็็็็็็็',
  'x'.repeat(10_000),
  '語'.repeat(10_000),
  '👍🏽'.repeat(2_000),
  `${'a '.repeat(5_000)}`,
  '__proto__',
  '',
];
const hostile = fc.oneof(
  fc.constantFrom(...attacks),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.tuple(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.constantFrom(...attacks)).map((parts) => parts.join('')),
);

const odd = (text: string): readonly Cell[] => [
  { kind: 'text', text },
  { kind: 'state', text, tone: 'bad' },
  { kind: 'state', text, tone: text as 'bad' },
  { kind: 'count', count: text as unknown as number },
  { kind: 'bytes', bytes: Number.MAX_VALUE },
  { kind: 'time', at: Number.NaN },
  { kind: 'duration', ms: -1 },
  { kind: text as 'none' },
];

function views(text: string): readonly View[] {
  const cells = Object.fromEntries(odd(text).map((cell, at) => [`c${at}`, cell]));
  const columns = odd(text).map((_, at) => ({
    key: `c${at}`,
    title: text,
    align: at > 2 ? ('right' as const) : ('left' as const),
  }));
  const rows = Array.from({ length: 30 }, (_, at) => ({ id: `${text}${at}`, cells }));
  const leaf = { id: text, label: text, detail: { kind: 'state', text, tone: 'good' } as const, children: [] };
  const chart = (form: ChartView['form']): ChartView => ({
    kind: 'chart',
    title: text,
    form,
    unit: text as 'bytes',
    series: [
      {
        title: text,
        points: [
          { x: now - 1e9, y: 1, id: text, tone: 'bad', notes: [text, text] },
          { x: now, y: Number.MAX_VALUE, notes: [text] },
          { x: Number.NaN, y: Number.POSITIVE_INFINITY },
        ],
      },
      { title: '', points: [] },
    ],
  });
  const flat: View[] = [
    { kind: 'table', title: text, columns, rows, empty: text },
    { kind: 'table', title: text, columns, rows: [], empty: text },
    { kind: 'tree', title: text, roots: [{ ...leaf, children: [leaf, { ...leaf, children: [leaf] }] }], empty: text },
    { kind: 'detail', title: text, fields: odd(text).map((value) => ({ key: text, title: text, value })) },
    { kind: 'form', title: text, command: text, schema: { properties: { [text]: {} } }, values: { [text]: text } },
    {
      kind: 'log',
      title: text,
      lines: Array.from({ length: 30 }, (_, at) => ({
        at: at % 2 === 0 ? now : Number.NaN,
        level: at % 3 === 0 ? 'warn' : (text as 'info'),
        text,
      })),
    },
    {
      kind: 'markdown',
      title: text,
      text: `# ${text}\n- ${text}\n1. **${text}**\n> \`${text}\`\n\`\`\`\n${text}\n\`\`\`\n[${text}](${text})`,
    },
    chart('line'),
    chart('bar'),
    chart('timeline'),
    chart('heat'),
  ];
  return [...flat, { kind: 'stack', title: text, views: flat }];
}

const sizes = [
  [1, 1],
  [2, 3],
  [40, 10],
  [80, 24],
  [120, 40],
  [200, 60],
  [500, 200],
] as const;
const keys = [
  'down',
  'end',
  'right',
  '/',
  'x',
  '語',
  'enter',
  's',
  'S',
  'space',
  'c',
  'down',
  'space',
  'escape',
  'escape',
  'n',
  'w',
  'pgup',
  'tab',
  'left',
  'home',
  'up',
];

/** What may act on a terminal or reorder what is read. */
const acts = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad]/u;

const widths = new Map<string, number>();

/** Columns of a letter that acts on nothing. */
function widthOf(char: string): number {
  let width = widths.get(char);
  if (width === undefined) {
    if (acts.test(char)) expect.fail(`something acts: ${JSON.stringify(char)}`);
    width = displayWidth(char);
    widths.set(char, width);
  }
  return width;
}

/** Each cell holds one letter that takes the columns it was given. */
function expectWhole(grid: Grid): void {
  for (const [at, char] of grid.chars.entries()) {
    if (char === ' ') continue;
    // The second half of a wide letter never begins a row.
    const isHalf = char === '' && at % grid.width > 0 && widthOf(grid.chars[at - 1] ?? '') === 2;
    if (char === '' && !isHalf) expect.fail(`half a letter at ${at}`);
    if (char !== '' && widthOf(char) === 2 && grid.chars[at + 1] !== '') expect.fail(`no room for ${char}`);
  }
}

describe('what strangers chose', () => {
  it('is drawn in every kind of view and in windows of every size without harm', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(...sizes), (text, [width, height]) => {
        for (const view of views(text)) {
          const widget = new ViewWidget(env());
          widget.set(view);
          expectWhole(frame(widget, width, height));
          press(widget, ...keys);
          widget.paste(text);
          expectWhole(frame(widget, width, height, false));
          widget.restore(widget.state());
          widget.mouse({ kind: 'mouse', action: 'press', button: 'left', x: width >> 1, y: height >> 1 });
          widget.mouse({ kind: 'mouse', action: 'wheel-down', button: 'none', x: 0, y: 0 });
          widget.set(view);
          // The window changes under what was typed.
          expectWhole(frame(widget, Math.max(1, width >> 1), height + 3));
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
