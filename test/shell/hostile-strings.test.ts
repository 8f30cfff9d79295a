import type { Cell, View } from '@holdfast/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureLines, failureOf } from '../../core/cli/failure.ts';
import { commandHelp, overviewHelp, topicHelp } from '../../core/cli/help.ts';
import { printJson } from '../../core/cli/json.ts';
import { progressText } from '../../core/cli/progress-line.ts';
import type { ShellCommand } from '../../core/shell/contract.ts';
import { CommandRegistry } from '../../core/shell/registry/registry.ts';
import { plainStyle, type TextStyle } from '../../core/shell/render/text-style.ts';
import { renderView } from '../../core/shell/render/view.ts';

const attacks = [
  '\x1b]52;c;cm0gLXJmIC8=\x07',
  '\x1b]0;owned\x07',
  '\x1b[2J',
  '\x1b[6n',
  '\x9b2J',
  '\x90q\x9c',
  '\u202egnp.exe',
  '\u2066\u2069\u200b\u00ad\ufeff',
  'a\r\nb\tc\0d\x7f',
  '\ud800',
  '\u2028\u2029',
  '**\x1b[31m**',
];
/** Strings that attack, alone and within other text. */
const hostile = fc.oneof(
  fc.constantFrom(...attacks),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .tuple(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.constantFrom(...attacks), fc.string({ maxLength: 8 }))
    .map((parts) => parts.join('')),
);

/** What may act on a terminal or reorder what is read; colour is taken out first where it is allowed. */
const acts = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad]/u;
const ownColours = /\x1b\[(?:1|2|22|3[1-4]|39)m/g;

function cells(text: string): readonly Cell[] {
  const odd = text as unknown as number;
  return [
    { kind: 'text', text },
    { kind: 'state', text, tone: 'bad' },
    // A plugin may lie about types too.
    { kind: 'count', count: odd },
    { kind: 'bytes', bytes: odd },
    { kind: 'time', at: odd },
    { kind: text as 'none' },
  ];
}

function views(text: string): readonly View[] {
  const [first, second] = cells(text);
  const record = Object.fromEntries(cells(text).map((cell, at) => [`c${at}`, cell]));
  const columns = Object.keys(record).map((key) => ({ key, title: text }));
  return [
    { kind: 'table', title: text, columns, rows: [{ id: text, cells: record }], empty: text },
    { kind: 'table', title: text, columns, rows: [], empty: text },
    {
      kind: 'tree',
      title: text,
      roots: [
        {
          id: text,
          label: text,
          detail: second ?? { kind: 'none' },
          children: [{ id: text, label: text, children: [] }],
        },
      ],
      empty: text,
    },
    {
      kind: 'form',
      title: text,
      command: text,
      schema: { properties: { [text]: {} } },
      values: { [text]: text, other: [text] },
    },
    { kind: 'detail', title: text, fields: cells(text).map((value) => ({ key: text, title: text, value })) },
    {
      kind: 'log',
      title: text,
      lines: [
        { at: 0, level: text as 'info', text },
        { at: 0, level: 'warn', text },
      ],
    },
    { kind: 'markdown', title: text, text: `# ${text}\n- ${text}\n\`\`\`\n${text}\n\`\`\`\n**${text}**` },
    {
      kind: 'chart',
      title: text,
      form: 'line',
      unit: text as 'bytes',
      series: [
        {
          title: text,
          points: [
            { x: 0, y: 1 },
            { x: 1, y: 2 },
          ],
        },
      ],
    },
    {
      kind: 'stack',
      title: text,
      views: [{ kind: 'detail', title: text, fields: [{ key: text, title: text, value: first ?? { kind: 'none' } }] }],
    },
  ];
}

const styles: readonly TextStyle[] = [
  plainStyle,
  { columns: 40, colour: true, now: 1_700_000_000_000 },
  { columns: 200, colour: false, now: null },
];

function expectInert(line: string): void {
  const rest = line.replace(ownColours, '');
  if (acts.test(rest)) expect.fail(`something acts in ${JSON.stringify(line)}`);
}

describe('text that others chose', () => {
  it('reaches the terminal through no view, whatever it holds: 10,000 strings through every kind of view', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(...styles), (text, style) => {
        for (const view of views(text)) for (const line of renderView(view, style)) expectInert(line);
      }),
      { numRuns: 10_000 },
    );
  }, 240_000);

  it('acts in no error message and no progress line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const style = { columns: 80, colour: true, now: 0 };
        for (const line of failureLines(failureOf(new Error(text)), style)) expectInert(line);
        expectInert(progressText({ phase: text, doneBytes: 1, totalBytes: 2, bottleneck: text as 'source' }));
      }),
      { numRuns: 2_000 },
    );
  });

  it('acts in no help, whatever a plugin calls its commands and arguments', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const command: ShellCommand = {
          id: `lab.${text}`,
          title: text,
          description: text,
          danger: 'change',
          positionals: ['first'],
          args: {
            type: 'object',
            properties: { first: { description: text, 'x-value': text }, [text]: { enum: [text], default: text } },
          },
          examples: [text],
          load: async () => ({ run: async () => ({ data: null, view: { kind: 'markdown', title: '', text: '' } }) }),
        };
        const registry = new CommandRegistry([command]);
        const style = { columns: 80, colour: true, now: 0 };
        for (const line of [
          ...overviewHelp(registry, style),
          ...topicHelp(registry, 'lab', style),
          ...commandHelp(command, style),
        ]) {
          expectInert(line);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('comes back from JSON as it was, and acts on no terminal that shows the JSON', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const json = printJson({ [text]: [text] });
        for (const line of json.split('\n')) expectInert(line);
        // A lone surrogate is the one thing that JSON text in UTF-8 cannot carry unescaped; escaped it comes back.
        expect(JSON.parse(json)).toEqual({ [text]: [text] });
      }),
      { numRuns: 2_000 },
    );
  });
});
