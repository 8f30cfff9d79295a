import {
  HoldfastError,
  type Hypervisor,
  type Machine,
  makeCall,
  type PointSummary,
  type Snapshot,
  type SnapshotWish,
  type StepRun,
} from '@holdfast/api';
import { expect, test } from 'vitest';
import { type SnapshotSettings, snapshotStep } from '../../../../plugins/techniques/snapshot/src/snapshot-step.ts';

const disk = (key: string, storage: string) =>
  ({ key, sizeBytes: 4096, format: 'qcow2', kind: 'virtual', location: `/${storage}/${key}`, storage }) as const;
const machine: Machine = {
  id: 'm-1',
  name: 'erp-db',
  power: 'on',
  place: 'kvm-1',
  host: 'kvm-1',
  tags: [],
  disks: [disk('vda', 'slow'), disk('vdb', 'fast'), disk('vdc', 'slow')],
};
const point = (target: string, changeToken: string | null): PointSummary => ({
  target,
  point: target,
  machine: 'm-1',
  machineName: 'erp-db',
  endpoint: 'lab',
  takenAt: 1,
  committedAt: 2,
  consistency: 'crash',
  disks: [{ key: 'vda', sizeBytes: 4096, format: 'qcow2', changeToken }],
  sizeBytes: 4096,
  storedBytes: 0,
});
const settings: SnapshotSettings = { quiesce: 'filesystem', otherwise: 'refuse', freezeSeconds: 7 };

/** What the step asks of the world, in order. */
function world(agent: 'answers' | 'absent') {
  const asked: string[] = [];
  const wishes: SnapshotWish[] = [];
  const reasons: string[] = [];
  const snapshot = async (_machine: string, wish: SnapshotWish): Promise<Snapshot> => {
    wishes.push(wish);
    if (agent === 'absent' && wish.quiesce !== 'none')
      throw new HoldfastError('QUIESCE_UNAVAILABLE', 'no guest agent answers in erp-db');
    return { id: 's-1', machine: 'm-1', takenAt: 5, consistency: 'crash', frozenMs: 12, disks: [] };
  };
  const hypervisor = {
    snapshot,
    release: async () => void asked.push('release'),
    retainTracking: async (_machine: string, keep: unknown) => void asked.push(`retain ${JSON.stringify(keep)}`),
    owned: async function* () {},
  } as unknown as Hypervisor;
  const run = {
    ...makeCall(),
    run: 'r-1',
    attempt: 1,
    site: 'site-1',
    resume: null,
    now: () => 9,
    hypervisor: async () => hypervisor,
    latest: async () => [
      point('main', 'token-b'),
      point('far', 'token-a'),
      point('old', null),
      point('twin', 'token-a'),
    ],
    slot: async (name: string) => {
      asked.push(name);
      return { release: async () => {} };
    },
    intend: async () => 'intent-1',
    amend: async () => {},
    settle: async () => void asked.push('settle'),
    checkpoint: async () => {},
    because: ({ decision, because }: { decision: string; because: string }) =>
      void reasons.push(`${decision}: ${because}`),
  } as unknown as StepRun;
  return { asked, wishes, reasons, run };
}
const input = { machine: { endpoint: 'lab', machine } };

test('a snapshot waits for its host and for each storage once, always in the same order', async () => {
  const { asked, run } = world('answers');
  await snapshotStep.run(input, settings, run);
  expect(asked).toEqual(['snapshot:lab/kvm-1', 'storage:lab/fast', 'storage:lab/slow']);
  const facts = { sheet: async () => ({ N3: ['fsfreeze'] }) } as never;
  expect((await snapshotStep.plan(input, settings, facts, makeCall())).slots).toEqual(asked);
});

test('the hypervisor is told what the newest restore points can be continued from, and how long the guest may be held', async () => {
  const { wishes, run } = world('answers');
  await snapshotStep.run(input, settings, run);
  expect(wishes).toMatchObject([{ quiesce: 'filesystem', freezeLimitMs: 7_000, since: ['token-b', 'token-a'] }]);
});

test('a guest that cannot be quiesced is refused, unless the policy takes it as after a power cut: then the reason is on record', async () => {
  await expect(snapshotStep.run(input, settings, world('absent').run)).rejects.toMatchObject({
    code: 'QUIESCE_UNAVAILABLE',
  });
  const { wishes, reasons, run } = world('absent');
  const { snapshot } = await snapshotStep.run(input, { ...settings, otherwise: 'crash' }, run);
  expect(snapshot?.frozenMs).toBe(12);
  expect(wishes.map(({ quiesce }) => quiesce)).toEqual(['filesystem', 'none']);
  expect(reasons).toContain('snapshot with nothing quiesced: no guest agent answers in erp-db');
});

test('when a run is over, and when it is taken back, only what the newest restore points need is tracked on', async () => {
  const retained = 'retain {"site":"site-1","tokens":["token-b","token-a"]}';
  const over = world('answers');
  const output = await snapshotStep.run(input, settings, over.run);
  await snapshotStep.finish?.(output, settings, over.run);
  expect(over.asked.slice(3)).toEqual(['release', retained]);
  const back = world('answers');
  const state = { endpoint: 'lab', machine: 'm-1', snapshot: 's-1' };
  await snapshotStep.undo({ id: 'intent-1', run: 'r-1', kind: 'snapshot', state, createdAt: 1 }, back.run);
  expect(back.asked).toEqual(['release', retained]);
});
