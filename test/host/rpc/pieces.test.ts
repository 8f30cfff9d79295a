import { HoldfastError, type Plain } from '@holdfast/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from '../../../core/host/rpc/messages.ts';
import { pack } from '../../../core/host/rpc/pack.ts';
import { ServedCall } from '../../../core/host/rpc/served-call.ts';
import { packError, unpackError } from '../../../core/host/rpc/wire-error.ts';

const plainValue = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Plain>(null, undefined, true, false),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

test('plain data is packed as an equal copy that shares no memory with it', () => {
  fc.assert(
    fc.property(plainValue, (value) => {
      const { value: copy, transfer } = pack(value);
      // What really crosses: the copy, its buffers changing hands.
      expect(structuredClone(copy, { transfer: [...transfer] })).toEqual(value);
      expect(structuredClone(value)).toEqual(value);
    }),
  );
});

test('a part of a larger buffer is packed as that part alone', () => {
  const large = new Uint8Array(1_000_000).fill(7);
  const { value, transfer, sizeBytes } = pack({ part: large.subarray(10, 20) });
  expect(transfer.map((buffer) => buffer.byteLength)).toEqual([10]);
  expect(value).toEqual({ part: new Uint8Array(10).fill(7) });
  expect(sizeBytes).toBeLessThan(500);
});

test('an expected failure arrives with code, message, remedy and facts, and without what it must not carry', () => {
  const sent = new HoldfastError('TARGET_FULL', 'no room', {
    remedy: 'free some',
    facts: { bytes: 7, name: 'x', none: null },
    cause: new Error('secret of the other side'),
  });
  const error = packError(Object.assign(sent, { extra: { deep: 1 } }));
  expect(structuredClone(error)).toEqual(error);
  const got = unpackError(error);
  expect(got).toMatchObject({
    code: 'TARGET_FULL',
    message: 'no room',
    remedy: 'free some',
    facts: { bytes: 7, name: 'x', none: null },
  });
  expect(got.cause).toBeUndefined();
  expect('extra' in got).toBe(false);
});

test('of a flood of progress little is posted, and the last of it always', () => {
  const posted: Message[] = [];
  const call = new ServedCall(1, { deadline: null, who: 'test' }, (message) => posted.push(message));
  for (let done = 1; done <= 10_000; done++) call.progress({ phase: 'reading', doneBytes: done });
  call.finish();
  expect(posted.length).toBeLessThan(50);
  expect(posted.at(-1)).toEqual({ t: 'progress', id: 1, progress: { phase: 'reading', doneBytes: 10_000 } });
});
