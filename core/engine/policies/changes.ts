import type { MachineRecord } from '../../catalog/contract.ts';
import type { Policy, PolicySet } from '../../model/policies/contract.ts';
import { policyDiff, policyWords } from '../../model/policies/diff.ts';
import { selects } from '../../model/policies/select.ts';
import type { PolicyChange } from './contract.ts';

/**
 * What becomes of each policy, in the order of the new file, those that go last.
 * @param machines Those that are there.
 */
export function changesBetween(
  old: PolicySet | null,
  wanted: PolicySet,
  machines: readonly MachineRecord[],
): readonly PolicyChange[] {
  const before = new Map((old?.policies ?? []).map((policy) => [policy.name, policy]));
  const after = new Set(wanted.policies.map(({ name }) => name));
  const removed = [...before.values()].filter(({ name }) => !after.has(name));
  return [
    ...wanted.policies.map((policy) => changeOf(before.get(policy.name) ?? null, policy, machines)),
    ...removed.map((policy) => changeOf(policy, null, machines)),
  ];
}

function changeOf(before: Policy | null, after: Policy | null, machines: readonly MachineRecord[]): PolicyChange {
  const gains: string[] = [];
  const loses: string[] = [];
  for (const record of machines) {
    const [was, is] = [isProtected(before, record), isProtected(after, record)];
    if (is && !was) gains.push(record.machine.name);
    if (was && !is) loses.push(record.machine.name);
  }
  const policy = after?.name ?? before?.name ?? '';
  if (before === null) return { policy, kind: 'add', details: after === null ? [] : policyWords(after), gains, loses };
  if (after === null) return { policy, kind: 'remove', details: policyWords(before), gains, loses };
  const details = policyDiff(before, after);
  return { policy, kind: details.length > 0 ? 'change' : 'same', details, gains, loses };
}

const isProtected = (policy: Policy | null, record: MachineRecord): boolean =>
  policy !== null && !policy.isPaused && selects(policy.protect, record);

/** What changes for all policies, in words. */
export function commonChanges(old: PolicySet | null, wanted: PolicySet): readonly string[] {
  if (old === null) return [];
  const said: string[] = [];
  if (old.zone !== wanted.zone)
    said.push(
      `times are read in ${wanted.zone} and no longer in ${old.zone}: each schedule and each day of retention moves`,
    );
  if (JSON.stringify(old.blackouts) !== JSON.stringify(wanted.blackouts))
    said.push(`blackouts change: ${old.blackouts.length} before, ${wanted.blackouts.length} now`);
  return said;
}
