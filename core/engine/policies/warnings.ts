import type { MachineRecord } from '../../catalog/contract.ts';
import type { Policy } from '../../model/policies/contract.ts';
import { fullShare } from '../../model/policies/fit.ts';
import { numbered, someOf } from '../../model/policies/words.ts';
import type { KeepCounts } from '../../model/retention/keep.ts';
import type { OpenWorkflow } from './workflows.ts';

type Selected = ReadonlyMap<Policy, readonly MachineRecord[]>;

const weekMs = 7 * 86_400_000;

/** Slots that all workflows together fill too far, even if each fits by itself. */
export function slotWarnings(busyInWeek: ReadonlyMap<string, number>): readonly string[] {
  return [...busyInWeek].flatMap(([slot, ms]) => {
    const share = ms / weekMs;
    if (share <= fullShare) return [];
    return [
      `all policies together keep ${slot} busy ${Math.round(share * 100)} % of the time${share > 1 ? ': runs will pile up' : ''}; raise its slots, or run something less often`,
    ];
  });
}

/** What is strange about single policies. */
export function policyWarnings(
  selected: Selected,
  workflows: readonly OpenWorkflow[],
  configured: Readonly<Record<string, KeepCounts>>,
): readonly string[] {
  const warnings: string[] = [];
  for (const [policy, records] of selected) {
    const { name, keep, protect, isPaused } = policy;
    if (records.length === 0)
      warnings.push(
        `${name} protects no machine: nothing that is there is selected${protect.endpoints.length > 0 ? ` on ${protect.endpoints.join(', ')}` : ''}`,
      );
    const ill = records.filter(({ machine }) => machine.problem !== undefined);
    if (ill.length > 0)
      warnings.push(
        `${name}: ${numbered(ill.length, 'machine')} cannot be protected: ${someOf(ill.map(({ machine }) => `${machine.name} (${machine.problem ?? ''})`))}`,
      );
    if (isPaused) warnings.push(`${name} is paused: it runs nothing, and what it keeps stays kept`);
    const written = new Set(workflows.filter((open) => open.policy === policy).flatMap(({ targets }) => targets));
    for (const target of written)
      if (!Object.hasOwn(keep, target) && !Object.hasOwn(configured, target))
        warnings.push(
          `${name} says not how long restore points on ${target} stay, and the configuration does not either: all stay`,
        );
    for (const target of Object.keys(keep))
      if (!written.has(target)) warnings.push(`${name} keeps restore points on ${target}, to which it writes none`);
  }
  return warnings;
}

/** Machines that several policies protect to the same target: that costs twice, and may be meant. */
export function overlapWarnings(selected: Selected, workflows: readonly OpenWorkflow[]): readonly string[] {
  const targetsOf = new Map<Policy, Set<string>>();
  for (const { policy, targets } of workflows)
    targetsOf.set(policy, new Set([...(targetsOf.get(policy) ?? []), ...targets]));
  const policiesOf = new Map<MachineRecord, Policy[]>();
  for (const [policy, records] of selected)
    if (!policy.isPaused)
      for (const record of records) {
        const own = policiesOf.get(record);
        if (own === undefined) policiesOf.set(record, [policy]);
        else own.push(policy);
      }
  /** Names of machines by who protects them to what. Machines of the same policies are one question. */
  const found = new Map<string, string[]>();
  const shared = new Map<string, readonly string[]>();
  for (const [{ machine }, policies] of policiesOf) {
    if (policies.length < 2) continue;
    const key = policies.map(({ name }) => name).join(' ');
    let lines = shared.get(key);
    if (lines === undefined) {
      lines = sharedTargets(policies, targetsOf);
      shared.set(key, lines);
    }
    for (const line of lines) {
      const names = found.get(line);
      if (names === undefined) found.set(line, [machine.name]);
      else names.push(machine.name);
    }
  }
  return [...found].map(([line, names]) => `${line}: ${numbered(names.length, 'machine')} (${someOf(names)})`);
}

function sharedTargets(
  policies: readonly Policy[],
  targetsOf: ReadonlyMap<Policy, ReadonlySet<string>>,
): readonly string[] {
  const byTarget = new Map<string, string[]>();
  for (const policy of policies)
    for (const target of targetsOf.get(policy) ?? [])
      byTarget.set(target, [...(byTarget.get(target) ?? []), policy.name]);
  return [...byTarget].flatMap(([target, names]) =>
    names.length < 2 ? [] : [`${someOf(names, 4)} protect the same machines to ${target}`],
  );
}
