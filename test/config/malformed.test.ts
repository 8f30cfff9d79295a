import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bounds } from '../../core/config/bounds.ts';
import { checkConfig } from '../../core/config/load.ts';
import { toPlain } from '../../core/config/located.ts';
import { parseText } from '../../core/config/parse-text.ts';
import { problemAt } from '../../core/config/problem.ts';
import { makeSite } from './site.ts';

const at = { layer: 'project', place: 'x.yaml' } as const;

describe('malformed files', () => {
  test('10,000 malformed texts end in problems or in a value, never in a crash', () => {
    const pieces = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ': ',
        ':',
        '- ',
        '-',
        ',',
        '\n',
        '\n  ',
        '  ',
        '\t',
        '"',
        "'",
        '&a ',
        '*a',
        '!t ',
        '!!str ',
        '|',
        '>',
        '?',
      ],
      ...[
        '%YAML 1.1\n',
        '---\n',
        '...\n',
        '#',
        '\\',
        '\0',
        '\u2028',
        '\ud800',
        '<<',
        '__proto__',
        'constructor',
        'workers',
        'targets',
      ],
      ...['1e999', '.inf', '.nan', '0x1', '~', 'null', 'true', '\r', '\uFEFF', '@', '`'],
    );
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.json().map((json) => json.slice(0, -1)),
      fc.tuple(fc.json(), fc.nat(), pieces).map(([json, where, piece]) => {
        const cut = where % (json.length + 1);
        return json.slice(0, cut) + piece + json.slice(cut);
      }),
    );
    let refused = 0;
    fc.assert(
      fc.property(text, fc.constantFrom('yaml' as const, 'json' as const), (source, format) => {
        const { value, problems } = parseText(source, format, at);
        if (problems.length > 0) refused += 1;
        expect(value === null || problems.length === 0).toBe(true);
        for (const problem of problems) {
          expect(problem.line).toBeGreaterThan(0);
          expect(problem.column).toBeGreaterThan(0);
          expect(problem.message).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 10_000 },
    );
    expect(refused).toBeGreaterThan(3_000);
  });

  test('what is written as JSON is read as JSON, wherever it is read', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }),
        fc.constantFrom('yaml' as const, 'json' as const),
        (written, format) => {
          const wanted: unknown = JSON.parse(JSON.stringify(written));
          const { value, problems } = parseText(JSON.stringify(written, null, 2), format, at);
          if (mentionsForbidden(written)) return;
          expect(problems).toEqual([]);
          expect(value === null ? null : JSON.parse(JSON.stringify(toPlain(value)))).toEqual(wanted);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  const size = bounds.fileBytes;
  test.each([
    ['brackets in each other', '['.repeat(size)],
    ['braces in each other', '{"a":'.repeat(size / 5)],
    ['list marks in each other', '- '.repeat(size / 2)],
    ['key marks in each other', '? '.repeat(size / 2)],
    ['maps in each other', Array.from({ length: 400 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
    ['closing brackets', ']'.repeat(size)],
    ['commas', `[${','.repeat(size - 2)}]`],
    ['unknown aliases', '- *a\n'.repeat(size / 5)],
    ['unknown tags', '- !x\n'.repeat(size / 5)],
    ['quotes', '"'.repeat(size)],
    ['directives', '%a\n'.repeat(size / 3)],
    ['documents', '---\n'.repeat(size / 4)],
    ['values', '- 1\n'.repeat(size / 4)],
    ['keys', Array.from({ length: 100_000 }, (_, key) => `k${key}:`).join('\n')],
    ['a billion laughs', bomb(10, 9)],
    ['two documents', 'a: 1\n---\nb: 2\n'],
    ['a list that holds itself', '&a [*a, *a]'],
    ['something over a megabyte', `# ${'x'.repeat(size)}`],
  ])('%s are refused', (_name, text) => {
    const { value, problems } = parseText(text, 'yaml', at);
    expect(value).toBe(null);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(bounds.problems);
  });

  test('a megabyte of comments and a thousand targets are still read', () => {
    const targets = Array.from(
      { length: 1_000 },
      (_, n) => `  t${n}:\n    use: disk\n    path: /srv/${n}\n    passphrase: env:P\n`,
    );
    const text = `# ${'x'.repeat(500_000)}\ntargets:\n${targets.join('')}`;
    expect(parseText(text, 'yaml', at).problems).toEqual([]);
  });

  test('anchors may be used, a few times', () => {
    const { value } = parseText('a: &x { b: 1 }\nc: *x\n', 'yaml', at);
    expect(value === null ? null : JSON.parse(JSON.stringify(toPlain(value)))).toEqual({ a: { b: 1 }, c: { b: 1 } });
  });

  test('syntax errors say nothing of what stands in the file', () => {
    for (const text of [
      'a: "canary\nb: 1',
      'a: [canary',
      'a: canary: canary',
      '- canary\nb: canary',
      '"canary" canary: 1',
      '{"canary" canary}',
    ]) {
      for (const format of ['yaml', 'json'] as const) {
        const { problems } = parseText(text, format, at);
        expect(problems.length).toBeGreaterThan(0);
        expect(problems.map((problem) => problem.message).join()).not.toContain('canary');
      }
    }
  });

  test('control characters of a key are made visible', () => {
    const problem = problemAt({ ...at, line: 1, column: 1 }, ['a\u001b[31mb', 'c\u202ed'], 'x');
    expect(problem.key).toBe('a\\u{1b}[31mb.c\\u{202e}d');
  });

  test.each(['__proto__', 'constructor', 'prototype'])(
    'the key %s is refused everywhere and changes no object',
    async (key) => {
      await using site = await makeSite();
      for (const text of [
        `${key}: { polluted: 1 }`,
        `targets: { ${key}: { polluted: 1 } }`,
        `slots: { "${key}": { polluted: 1 } }`,
      ]) {
        await site.write(site.userFile, text);
        const { problems } = await checkConfig(site.options);
        expect(problems).toMatchObject([{ line: 1, message: `"${key}" may not be a key` }]);
      }
      await site.write('home/office/package.json', `{"holdfast": {"${key}": {"polluted": 1}}}`);
      expect((await checkConfig(site.options)).problems.length).toBeGreaterThan(0);
      expect(Reflect.get({}, 'polluted')).toBe(undefined);
    },
  );

  test('a file that is a pipe, is not UTF-8 or too large is unreadable, at once', async () => {
    await using site = await makeSite();
    const { execFileSync } = await import('node:child_process');
    const { writeFileSync } = await import('node:fs');
    const file = await site.write('x.yaml', 'workers: 1');
    const pipe = `${site.root}/pipe.yaml`;
    execFileSync('mkfifo', [pipe]);
    await expect(checkConfig({ ...site.options, configFile: pipe })).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
    });
    for (const bytes of [Buffer.from([0xff, 0xfe, 0x41]), Buffer.alloc(size + 1, 0x20)]) {
      writeFileSync(file, bytes);
      await expect(checkConfig({ ...site.options, configFile: file })).rejects.toMatchObject({
        code: 'CONFIG_UNREADABLE',
      });
    }
    writeFileSync(file, '\uFEFFworkers: 3');
    expect((await checkConfig({ ...site.options, configFile: file })).loaded?.config.workers).toBe(3);
  });
});

function mentionsForbidden(value: unknown): boolean {
  return /"(__proto__|constructor|prototype)":/.test(JSON.stringify(value));
}

function bomb(width: number, depth: number): string {
  const lines = [`a0: &a0 [${Array.from({ length: width }, () => '1').join(',')}]`];
  for (let level = 1; level <= depth; level++) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: width }, () => `*a${level - 1}`).join(',')}]`);
  }
  return lines.join('\n');
}
