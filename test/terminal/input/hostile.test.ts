import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Input } from '../../../core/terminal/contract.ts';
import { Decoder } from '../../../core/terminal/input/decoder.ts';
import { longestPaste } from '../../../core/terminal/input/paste.ts';
import { typed } from './typed.ts';

test('defect 6: what is pasted is one event and executes nothing', async () => {
  expect(await typed('\x1b[200~q\nrm -rf /\r\x1b[201~j')).toEqual(['paste(q\nrm -rf /\n)', 'j']);
});

test('a paste in any number of packets is one event', async () => {
  const whole = 'a\x1b[200~one\r\ntwo 备份\x1b[201~b';
  expect(await typed(...Array.from(Buffer.from(whole), (byte) => Uint8Array.of(byte)))).toEqual([
    'a',
    'paste(one\ntwo 备份)',
    'b',
  ]);
});

test('controls within a paste are made visible, and an end within it does not end it twice', async () => {
  expect(await typed('\x1b[200~a\x03b\x1b[2Jc\td\u202ee\x9bf\x1b[200~\x1b[201~')).toEqual([
    'paste(a␃b␛[2Jc d<U+202E>e<U+009B>f␛[200~)',
  ]);
  expect(await typed('\x1b[201~j')).toEqual(['j']);
});

test('a paste without an end is given up, and what is typed then is typed', async () => {
  const seen: Input[] = [];
  const decoder = new Decoder((input) => seen.push(input));
  decoder.feed(Buffer.from('\x1b[200~lost'));
  while (decoder.isWaiting) await new Promise((done) => setTimeout(done, 20));
  decoder.feed(Buffer.from('j'));
  decoder.close();
  expect(seen.map((input) => (input.kind === 'paste' ? input.text : input.kind === 'key' ? input.name : ''))).toEqual([
    'lost',
    'j',
  ]);
});

test('a paste of any size holds a bounded amount of memory', async () => {
  const part = 'x'.repeat(64 * 1024);
  const [paste] = await typed('\x1b[200~', ...Array<string>(64).fill(part), '\x1b[201~');
  expect(paste?.length).toBe(longestPaste + 'paste()'.length);
});

test('sequences and answers without an end are dropped, and the next key is a key', async () => {
  expect(await typed(`\x1b[${'1;'.repeat(5000)}`, 'A', 'j')).toContain('j');
  expect(await typed(`\x1b]${'x'.repeat(100_000)}`, 'j')).toEqual(['j']);
  expect(await typed(`\x1bP${'x'.repeat(3000)}`, '\x07j')).toEqual(['j']);
  expect(await typed('\x1b[12\x1b[A')).toEqual(['up']);
  expect(await typed('\x1b[12\rj')).toEqual(['enter', 'j']);
});

test('bytes that are no text are no keys', async () => {
  expect(await typed(Uint8Array.of(0xff, 0xfe, 0xc0, 0x80), 'j', Uint8Array.of(0xc2, 0x9b), '2J')).toEqual([
    'j',
    '2',
    'J',
  ]);
});

test('whatever is sent in whatever packets, it never throws, and the next key after a pause is read', async () => {
  const pieces = fc.oneof(
    fc.constantFrom(
      '\x1b',
      '[',
      'O',
      '<',
      ';',
      'M',
      '~',
      'u',
      ']',
      'P',
      '\x07',
      '\\',
      '1',
      '200',
      '201',
      '$',
      '?',
      'A',
      '\r',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(pieces, fc.uint8Array({ maxLength: 6 })), { maxLength: 12 }),
      async (packets) => {
        const seen: Input[] = [];
        const decoder = new Decoder((input) => seen.push(input));
        for (const packet of packets) decoder.feed(typeof packet === 'string' ? Buffer.from(packet) : packet);
        // The beginning of a letter may be there: it is no timer's business.
        decoder.feed(Buffer.from(' '));
        while (decoder.isWaiting) await new Promise((done) => setTimeout(done, 5));
        const before = seen.length;
        decoder.feed(Buffer.from('j'));
        decoder.close();
        expect(seen.slice(before)).toEqual([{ kind: 'key', name: 'j', text: 'j' }]);
      },
    ),
    { numRuns: 25 },
  );
});

test('a decoder that was closed by what it told says nothing more', () => {
  const seen: string[] = [];
  const decoder: Decoder = new Decoder((input) => {
    seen.push(input.kind === 'key' ? input.name : input.kind);
    decoder.close();
  });
  decoder.feed(Buffer.from('ab备c'));
  decoder.feed(Buffer.from('d'));
  expect([seen, decoder.isWaiting]).toEqual([['a'], false]);
});
