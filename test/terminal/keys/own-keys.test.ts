import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadOwnKeys, readOwnKeys, unknownCommands } from '../../../core/terminal/keys/own-keys.ts';
import { hostileString } from '../../model/text/hostile-strings.ts';

const good = `\ufeff[
  // a comment
  { "key": "ctrl+r", "command": "run.list" }, /* and
  another */ { "key": "g s", "command": "machine.list", "args": { "endpoint": "lab", "deep": [1, true, null], }, "when": "kind == 'machine'" },
  { "key": "d", "command": "-point.forget" },
  { "command": "-plugin.remove" },
]`;

describe('the file of own keys', () => {
  test('may have comments and trailing commas', () => {
    const { entries, problems } = readOwnKeys(good);
    expect(problems).toEqual([]);
    expect(entries).toMatchObject([
      { keys: ['ctrl+r'], command: 'run.list', when: null, layer: 'own', owner: 'line 3' },
      { keys: ['g', 's'], args: { endpoint: 'lab', deep: [1, true, null] }, when: { text: "kind == 'machine'" } },
      { keys: ['d'], command: 'point.forget', when: null },
      { keys: null, command: 'plugin.remove', when: null },
    ]);
  });

  test('that is empty or not there holds none', async () => {
    expect(readOwnKeys('')).toEqual({ entries: [], problems: [] });
    expect(readOwnKeys('// nothing yet\n')).toEqual({ entries: [], problems: [] });
    expect(await loadOwnKeys('/nowhere/keys.json')).toEqual({ entries: [], problems: [] });
    expect(await loadOwnKeys(null)).toEqual({ entries: [], problems: [] });
  });

  test('is read from where it lies, and a folder of that name is a problem', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-keys-'));
    try {
      await writeFile(join(folder, 'keys.json'), good);
      expect((await loadOwnKeys(join(folder, 'keys.json'))).entries).toHaveLength(4);
      expect(await loadOwnKeys(folder)).toMatchObject({ entries: [], problems: [{ line: 0 }] });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const bad: readonly (readonly [string, number, string])[] = [
    ['{ "key": "a+b+c", "command": "x" }', 3, 'is not known'],
    ['{ "key": "a", "command": "x", "when": "kind ==" }', 3, 'is not understood at its end'],
    ['{ "key": "a" }', 3, '`command` is missing'],
    ['{ "command": "x" }', 3, '`key` is missing'],
    ['{ "key": 5, "command": "x" }', 3, '`key` takes a text'],
    ['{ "key": "a", "comand": "x" }', 3, '"comand" is not known here'],
    ['{ "key": "a", "command": "rm -rf" }', 3, 'is not written as a command is'],
    ['{ "key": "a", "command": "x", "args": [] }', 3, '`args` takes an object'],
    ['"a"', 3, 'an entry is'],
    ['{ "key": "a" "command": "x" }', 3, 'a `,` or `}` is missing'],
    ["{ 'key': 'a' }", 3, 'texts and names stand in double quotes'],
    ['{ "key": "a,\n "command": "x" }', 3, 'a text without its closing quote'],
    ['{ "key": "a",\n "command": "x"\n', 7, 'a `}` is missing before this'],
    ['{ "key": "a", "command": "x" ]', 3, 'a `,` or `}` is missing'],
    ['{ "key": "a\\q", "command": "x" }', 3, 'has to be written with \\'],
    [',', 3, 'a `,` too many'],
  ];

  test.each(bad)('names a bad entry with its line, and the others work: %s', (entry, line, problem) => {
    const before = '[\n{ "key": "p", "command": "first" },\n';
    const { entries, problems } = readOwnKeys(`${before}${entry},\n\n{ "key": "q", "command": "last" },\n]`);
    expect(entries.map(({ command }) => command)).toEqual(entry.endsWith(']') ? ['first'] : ['first', 'last']);
    expect(problems[0]).toMatchObject({ line, text: expect.stringContaining(problem) });
    expect(problems[0]?.text).toContain(`own keys, line ${line}: `);
  });

  test.each([
    ['{}', 'the file is not a list'],
    [' '.repeat(256 * 1024 + 1), 'larger than 256 KiB'],
  ])('that is no list or too large is one problem', (text, problem) => {
    expect(readOwnKeys(text)).toMatchObject({ entries: [], problems: [{ text: expect.stringContaining(problem) }] });
  });

  test('gives its first thousand entries, whatever follows', () => {
    const { entries, problems } = readOwnKeys(`[${'{"key":"a","command":"x"},'.repeat(1500)}]`);
    expect(entries).toHaveLength(1000);
    expect(problems).toMatchObject([{ text: expect.stringContaining('only the first 1000 entries') }]);
  });

  test('whose list has no end, and what stands after it, are told', () => {
    expect(readOwnKeys('[{"key":"a","command":"x"}')).toMatchObject({
      entries: [{ command: 'x' }],
      problems: [{ text: expect.stringContaining('the `]` at the end is missing') }],
    });
    expect(readOwnKeys('[] x').problems).toHaveLength(1);
  });

  test('names commands that are not there, with the nearest one', () => {
    const own = readOwnKeys('[{"key":"a","command":"machine.lst"},\n{"key":"b","command":"-gone.command"}]');
    expect(unknownCommands(own, ['machine.list', 'run.list'])).toEqual([
      { line: 1, text: 'own keys, line 1: there is no command machine.lst', remedy: 'did you mean `machine.list`?' },
    ]);
  });

  test('broken in any way leaves problems, never a crash, and its good entries where the rest is whole', () => {
    const pieces = fc.constantFrom(
      ...[
        '[',
        ']',
        '{',
        '}',
        ',',
        ':',
        '"key"',
        '"command"',
        '"a"',
        '"machine.list"',
        '"__proto__"',
        '//',
        '/*',
        '*/',
        '\n',
      ],
      ...['null', '1', '-', '"', "'", '\\', ' ', '\u2028', '{"key":"a","command":"b"}'],
    );
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 40 }).map((parts) => `[${parts.join('')}`),
      hostileString,
      fc.json(),
    );
    fc.assert(
      fc.property(text, (broken) => {
        const { entries, problems } = readOwnKeys(broken);
        expect(Array.isArray(entries)).toBe(true);
        for (const problem of problems) expect(problem.text).not.toMatch(/[\p{Cc}\u202e]/u);
      }),
      { numRuns: 1000 },
    );
  });

  test('deep brackets end in a problem', () => {
    const { problems } = readOwnKeys(`[${'['.repeat(50_000)}`);
    expect(problems[0]?.text).toContain('more than 8 brackets in each other');
  });
});
