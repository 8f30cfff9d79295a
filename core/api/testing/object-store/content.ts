import { sameBytes, sampleBytes } from '../bytes.ts';
import type { Check } from '../check.ts';
import { collect, demand, demandFailure } from '../expect.ts';
import type { ProbeStore } from './probe-store.ts';

/** What goes in comes out. */
export function contentChecks(probe: ProbeStore): readonly Check[] {
  return [
    {
      name: 'an object that was put is read back byte for byte, whatever its size',
      async run() {
        const sizes = [0, 1, 4095, 4096, 65_537, 1_048_577, 9_000_001];
        for (const size of sizes) {
          const body = sampleBytes(size, size + 1);
          const answer = await probe.put(`size-${size}`, body, { ifAbsent: true });
          demand(sizeIn(answer) === size, `a put of ${size} bytes answered ${JSON.stringify(answer)}`);
          demand(sameBytes(await probe.get(`size-${size}`), body), `an object of ${size} bytes came back changed`);
        }
        return sizes;
      },
    },
    {
      name: 'an object comes in pieces of at most 8 MiB, none of them empty',
      async run() {
        const pieces = await collect(probe.store.get(probe.name('size-9000001'), null, probe.call));
        const lengths = pieces.map((piece) => piece.length);
        demand(
          pieces.every((piece) => piece instanceof Uint8Array),
          'a piece is no Uint8Array',
        );
        demand(Math.max(...lengths) <= 8 * 1024 * 1024, `a piece has ${Math.max(...lengths)} bytes`);
        demand(Math.min(...lengths) > 0, 'a piece is empty');
        return lengths.reduce((a, b) => a + b, 0);
      },
    },
    {
      name: 'a range of an object is read exactly, and what lies past its end is left out',
      async run() {
        const body = sampleBytes(300_000, 7);
        await probe.put('ranges', body, { ifAbsent: true });
        const ranges = [
          [0, 1],
          [0, 300_000],
          [1, 65_536],
          [65_535, 65_538],
          [299_999, 1],
          [299_999, 1000],
          [300_000, 10],
          [400_000, 10],
          [5, 0],
        ] as const;
        const seen: number[] = [];
        for (const [offset, length] of ranges) {
          const got = await probe.get('ranges', { offset, length });
          const expected = body.subarray(offset, offset + length);
          demand(sameBytes(got, expected), `range ${offset}+${length} gave ${got.length} bytes, or other ones`);
          seen.push(got.length);
        }
        return seen;
      },
    },
    {
      name: 'the store keeps nothing of the caller’s buffer, and the caller nothing of the store’s',
      async run() {
        const body = sampleBytes(10_000, 3);
        const original = body.slice();
        await probe.put('own-copy', body, { ifAbsent: true });
        demand(sameBytes(body, original), 'put changed the body that it was given');
        body.fill(0);
        const pieces = await collect(probe.store.get(probe.name('own-copy'), null, probe.call));
        for (const piece of pieces) piece.fill(0);
        demand(
          sameBytes(await probe.get('own-copy'), original),
          'the object changed with a buffer outside of the store',
        );
        return null;
      },
    },
    {
      name: 'a body that is a part of a larger buffer is stored as that part',
      async run() {
        const large = sampleBytes(100_000, 11);
        await probe.put('part', large.subarray(1000, 1500), { ifAbsent: true });
        demand(sameBytes(await probe.get('part'), large.slice(1000, 1500)), 'another part was stored');
        return null;
      },
    },
    {
      name: 'reading what is not there fails with OBJECT_NOT_FOUND',
      async run() {
        const codes = [
          await demandFailure(() => probe.get('nowhere'), ['OBJECT_NOT_FOUND'], 'get of a missing object'),
          await demandFailure(
            () => probe.get('nowhere', { offset: 0, length: 1 }),
            ['OBJECT_NOT_FOUND'],
            'ranged get of a missing object',
          ),
        ];
        return codes;
      },
    },
    {
      name: 'removing is final and may be repeated',
      async run() {
        await probe.put('gone', sampleBytes(10, 1), { ifAbsent: true });
        await probe.remove('gone');
        await probe.remove('gone');
        await probe.remove('never-there');
        demand(!(await probe.list('gone')).includes('gone'), 'a removed object is still listed');
        return await demandFailure(() => probe.get('gone'), ['OBJECT_NOT_FOUND'], 'get of a removed object');
      },
    },
  ];
}

function sizeIn(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null && 'sizeBytes' in answer ? answer.sizeBytes : undefined;
}
