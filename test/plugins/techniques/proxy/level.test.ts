import { type DiskSource, HoldfastError, type Hypervisor, makeCall, type PointSummary } from '@holdfast/api';
import { expect, test } from 'vitest';
import { decideLevel } from '../../../../plugins/techniques/proxy/src/protect/level.ts';

const disk = { machine: 'm', snapshot: 's', key: 'vda', sizeBytes: 1_000 };
const file: DiskSource = { kind: 'file', path: '/x', format: 'raw', chain: [], sizeBytes: 1_000 };
const nbd: DiskSource = { kind: 'nbd', address: { socket: '/s' }, export: 'e', sizeBytes: 1_000 };
const latest = (change: Partial<PointSummary['disks'][number]> = {}): PointSummary => ({
  target: 't',
  point: 'p1',
  machine: 'm',
  machineName: 'web01',
  endpoint: 'e',
  takenAt: Date.UTC(2026, 0, 2, 3, 4),
  committedAt: 0,
  consistency: 'crash',
  disks: [{ key: 'vda', sizeBytes: 1_000, format: 'raw', changeToken: 'token-1', ...change }],
  sizeBytes: 1_000,
  storedBytes: 0,
});

/** Only what deciding a level asks of a hypervisor. */
const hypervisor = (of: Partial<Hypervisor>): Hypervisor => of as Hypervisor;
const changes = async function* () {
  yield { offset: 10, length: 20 };
};
const level = (of: Partial<Hypervisor>, source: DiskSource, point: PointSummary | null) =>
  decideLevel(hypervisor(of), disk, source, point, makeCall());

test('what changed since the newest restore point is read on top of that very point', async () => {
  const { how, why } = await level({ changes }, file, latest());
  expect(how).toEqual({ extents: [{ offset: 10, length: 20 }], base: 'p1' });
  expect(why.because).toBe('the hypervisor knows the 1 parts that changed since the point of 2026-01-02 03:04 UTC');
});

test.each([
  ['there is no earlier point', { changes }, null, 'there is no earlier restore point of this machine on the target'],
  [
    'the disk is new',
    { changes },
    latest({ key: 'vdb' }),
    'the restore point of 2026-01-02 03:04 UTC does not have this disk',
  ],
  [
    'the disk grew',
    { changes },
    latest({ sizeBytes: 500 }),
    'its size changed from 500 to 1000 bytes since the point of 2026-01-02 03:04 UTC',
  ],
  [
    'nothing tracks changes',
    {},
    latest(),
    'the hypervisor does not track changes; what is unchanged is not stored again',
  ],
  [
    'they were not tracked then',
    { changes },
    latest({ changeToken: null }),
    'changes were not tracked when the point of 2026-01-02 03:04 UTC was made',
  ],
] as const)('the whole disk is read when %s, and the reason says so', async (_when, of, point, because) => {
  const { how, why } = await level(of, file, point);
  expect(how).toEqual({});
  expect(why).toEqual({ decision: 'full read of vda', because });
});

test('tracking that was lost makes a full read; any other failure to tell the changes is a failure', async () => {
  const failing = (code: 'TRACKING_LOST' | 'ENDPOINT_UNREACHABLE') => ({
    changes: async function* () {
      yield { offset: 0, length: 1 };
      throw new HoldfastError(code, 'the disk was moved');
    },
  });
  expect((await level(failing('TRACKING_LOST'), file, latest())).why.because).toBe('the disk was moved');
  await expect(level(failing('ENDPOINT_UNREACHABLE'), file, latest())).rejects.toMatchObject({
    code: 'ENDPOINT_UNREACHABLE',
  });
});

test('a source that cannot say itself where its data is gets told by the hypervisor, and all else is zeros, not what was there before', async () => {
  const allocated = async function* () {
    yield { offset: 0, length: 100 };
  };
  expect((await level({ allocated }, nbd, null)).how).toEqual({ extents: [{ offset: 0, length: 100 }], base: null });
  expect((await level({ allocated }, file, null)).how).toEqual({});
});
