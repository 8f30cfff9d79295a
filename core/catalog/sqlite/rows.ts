import type { Artifacts, Machine, Plain, PointDisk, PointSummary, Progress } from '@holdfast/api';
import type {
  CopyRecord,
  IntentRow,
  Lease,
  LogLine,
  MachineRecord,
  PlannedStep,
  PolicySetRow,
  RunPolicy,
  RunRecord,
  RunState,
  ScheduleRow,
  StepRecord,
  StepState,
} from '../contract.ts';
import { readOptional, readPlain } from './codec/plain.ts';
import type { queries } from './queries/all.ts';
import type { Row } from './queries/query.ts';

type RowOf<N extends keyof typeof queries> = Row<(typeof queries)[N]>;

// States, kinds and levels are what their columns' checks let in, or what this program wrote.

export const runOf = (row: RowOf<'runById'>): RunRecord => ({
  id: row.id,
  kind: row.kind as RunRecord['kind'],
  endpoint: row.endpoint,
  machine: row.machine,
  machineName: row.machine_name,
  state: row.state as RunState,
  steps: readPlain<readonly PlannedStep[]>(row.steps),
  input: readPlain<Artifacts>(row.input),
  who: row.who,
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  attempts: row.attempts,
  cancelAskedBy: row.cancel_asked_by,
  error: readOptional<NonNullable<RunRecord['error']>>(row.error),
  progress: readOptional<Progress>(row.progress),
  result: readPlain<Plain>(row.result),
  policy: readOptional<RunPolicy>(row.policy),
  notBefore: row.not_before,
});

export const stepOf = (row: RowOf<'stepsOfRun'>): StepRecord => ({
  run: row.run,
  index: row.step,
  use: row.use,
  state: row.state as StepState,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  checkpoint: readPlain<Plain>(row.checkpoint),
  output: readOptional<Artifacts>(row.output),
  error: readOptional<NonNullable<StepRecord['error']>>(row.error),
});

export const intentOf = (row: RowOf<'openIntents'>): IntentRow => ({
  id: row.id,
  run: row.run,
  step: row.step,
  use: row.use,
  kind: row.kind,
  state: readPlain<Plain>(row.state),
  createdAt: row.created_at,
});

export const leaseOf = (row: RowOf<'leaseByToken'>, epoch: string): Lease => ({
  name: row.name,
  holder: row.holder,
  epoch,
  token: row.token,
  expiresAt: row.expires_at,
});

export const machineOf = (row: RowOf<'knownMachines'>): MachineRecord => ({
  endpoint: row.endpoint,
  machine: readPlain<Machine>(row.machine),
  seenAt: row.seen_at,
  goneAt: row.gone_at,
});

export const pointOf = (row: RowOf<'presentPoints'>): PointSummary => ({
  target: row.target,
  point: row.point,
  endpoint: row.endpoint,
  machine: row.machine,
  machineName: row.machine_name,
  takenAt: row.taken_at,
  committedAt: row.committed_at,
  consistency: row.consistency as PointSummary['consistency'],
  disks: readPlain<readonly PointDisk[]>(row.disks),
  sizeBytes: row.size_bytes,
  storedBytes: row.stored_bytes,
});

export const copyOf = (row: RowOf<'copiesOfPoint'>): CopyRecord => ({
  point: row.point,
  target: row.target,
  state: row.state as CopyRecord['state'],
  storedBytes: row.stored_bytes,
  seenAt: row.seen_at,
});

export const logLineOf = (row: RowOf<'logLinesOfRun'>): LogLine => ({
  at: row.at,
  level: row.level as LogLine['level'],
  text: row.text,
});

export const policySetOf = (row: RowOf<'policySetById'>): PolicySetRow => ({
  id: row.id,
  text: row.text,
  source: row.source,
  who: row.who,
  at: row.at,
});

export const scheduleOf = (row: RowOf<'schedules'>): ScheduleRow => ({
  policy: row.policy,
  workflow: row.workflow,
  handledUntil: row.handled_until,
  lastDue: row.last_due,
  lastFiredAt: row.last_fired_at,
  lastWasCatchUp: row.last_was_catch_up === 1,
  missed: row.missed,
});
