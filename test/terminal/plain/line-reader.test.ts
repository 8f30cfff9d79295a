import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { LineReader } from '../../../core/terminal/plain/line-reader.ts';

const signal = new AbortController().signal;

async function allOf(chunks: readonly (string | Uint8Array)[]): Promise<readonly (string | null)[]> {
  const input = new PassThrough();
  using reader = new LineReader(input, signal);
  for (const chunk of chunks) input.write(chunk);
  input.end();
  const lines: (string | null)[] = [];
  do lines.push(await reader.next());
  while (lines.at(-1) !== null);
  return lines;
}

test('lines end as in a file, as on Windows, and as a terminal sends them', async () => {
  expect(await allOf(['a\nb\r\nc\rd'])).toEqual(['a', 'b', 'c', 'd', null]);
});

test('a letter that is cut in half by packets arrives whole', async () => {
  const bytes = new TextEncoder().encode('größe\n');
  expect(await allOf([bytes.slice(0, 3), bytes.slice(3)])).toEqual(['größe', null]);
});

test('control characters are left out, a backspace takes a letter away', async () => {
  expect(await allOf(['a\x1b[31mb\x00c\n', 'abx\x7f\n', 'xy\b\bok\n'])).toEqual(['a[31mbc', 'ab', 'ok', null]);
});

test('a line without end is cut and takes no more memory', async () => {
  const [line] = await allOf(['x'.repeat(1_000_000), '\n']);
  expect(line).toHaveLength(16_384);
});

test('Ctrl-C and Ctrl-D end the input', async () => {
  expect(await allOf(['a\n\x03b\n'])).toEqual(['a', 'b', null]);
  expect(await allOf(['a\n\x04'])).toEqual(['a', null]);
});

test('a secret is typed without being shown where the terminal can do that', async () => {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (isRaw: boolean) => modes.push(isRaw) });
  using reader = new LineReader(input, signal);
  const secret = reader.nextSecret();
  input.write('hunter2\r');
  expect(await secret).toBe('hunter2');
  expect(modes).toEqual([true, false]);
});
