import type { PointSummary } from '@holdfast/api';
import type { MachineRecord } from '../../catalog/contract.ts';
import type { PolicySet } from '../../model/policies/contract.ts';
import { ExpiryForecast, rulesFor } from '../../model/policies/retention.ts';
import type { DatedPoint } from '../../model/retention/decide.ts';
import type { KeepCounts } from '../../model/retention/keep.ts';
import type { Knowledge } from './knowledge.ts';

/** What retention goes by. */
export interface RetentionSource {
  /** `null` when no policies are in force. */
  readonly set: PolicySet | null;
  readonly configured: Readonly<Record<string, KeepCounts>>;
  /** IANA time zone. */
  readonly zone: string;
}

/**
 * Restore points that would expire at the next run of their machine under the new rules, and would not under those of now. Both are asked as if the
 * point of that run had been added, as a run does before it looks.
 * @param nextOf When a machine is protected to a target next; `null` when nothing is planned: then as if it were now.
 */
export function expiresByChange(
  { heaps, machines }: Knowledge,
  old: RetentionSource,
  wanted: RetentionSource,
  now: number,
  nextOf: (machine: MachineRecord, target: string) => number | null,
): readonly PointSummary[] {
  const records = new Map<string, MachineRecord>(
    machines.map((record) => [keyOf(record.endpoint, record.machine.id), record]),
  );
  const [before, after] = [new ExpiryForecast(old.zone), new ExpiryForecast(wanted.zone)];
  const expires: PointSummary[] = [];
  for (const { endpoint, machine, target, points } of heaps) {
    const record = records.get(keyOf(endpoint, machine)) ?? null;
    const rules = rulesFor(wanted.set, wanted.configured, record, target);
    const rulesBefore = rulesFor(old.set, old.configured, record, target);
    if (old.zone === wanted.zone && JSON.stringify(rules) === JSON.stringify(rulesBefore)) continue;
    const at = Math.max(now, (record === null ? null : nextOf(record, target)) ?? now);
    const next: DatedPoint = { point: 'next', takenAt: at };
    const past: readonly (PointSummary | DatedPoint)[] = [next, ...points.filter(({ takenAt }) => takenAt <= at)];
    const gone = new Set(before.expires(past, rulesBefore));
    for (const point of after.expires(past, rules)) if (!gone.has(point) && isSummary(point)) expires.push(point);
  }
  return expires;
}

const isSummary = (point: PointSummary | DatedPoint): point is PointSummary => 'target' in point;

const keyOf = (endpoint: string, machine: string): string => `${endpoint}\n${machine}`;
