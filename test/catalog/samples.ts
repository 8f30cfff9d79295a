import type { Machine, PointSummary } from '@holdfast/api';
import type { ClaimedRun, JobStore, RunRecord, StepRecord } from '../../core/catalog/contract.ts';

export const machine = (id: string, name = id): Machine => ({
  id,
  name,
  power: 'off',
  place: 'esx-lon',
  tags: ['gold'],
  disks: [{ key: 'vda', sizeBytes: 1 << 30, format: 'qcow2', kind: 'virtual', location: `/vm/${id}.qcow2` }],
  config: { mediaType: 'application/x-libvirt+xml', text: `<domain><name>${name}</name></domain>` },
});

export const runToAdd = (id: string, more: Partial<RunRecord> = {}): Parameters<JobStore['add']>[0] => ({
  id,
  kind: 'protect',
  endpoint: 'lab',
  machine: 'm-1',
  machineName: 'erp-db',
  steps: [{ use: 'proxy', settings: { to: 'disk-main' } }],
  input: { machine: { endpoint: 'lab', machine: machine('m-1', 'erp-db') } },
  who: 'test',
  createdAt: 1_700_000_000_000,
  policy: null,
  notBefore: 0,
  ...more,
});

export const step = (run: string, more: Partial<StepRecord> = {}): StepRecord => ({
  run,
  index: 0,
  use: 'proxy',
  state: 'running',
  startedAt: 1,
  endedAt: null,
  checkpoint: null,
  output: null,
  error: null,
  ...more,
});

export const point = (id: string, more: Partial<PointSummary> = {}): PointSummary => ({
  target: 'disk-main',
  point: id,
  machine: 'm-1',
  takenAt: 1_700_000_000_000,
  machineName: 'erp-db',
  endpoint: 'lab',
  consistency: 'filesystem',
  disks: [{ key: 'vda', sizeBytes: 1 << 30, format: 'qcow2', changeToken: null }],
  sizeBytes: 1 << 30,
  storedBytes: 4_096,
  committedAt: 1_700_000_001_000,
  ...more,
});

/** Claims a run that is there to claim. */
export async function claimed(store: JobStore, holder: string, ttlMs: number, id?: string): Promise<ClaimedRun> {
  const claim = await store.claim(holder, ttlMs, id);
  if (claim === null) throw new Error('there was nothing to claim');
  return claim;
}
