import type { PointSummary } from '@holdfast/api';
import type { RunRecord } from '../../catalog/contract.ts';
import { decideByRules, type RetentionRule, rulesFor } from '../../model/policies/retention.ts';
import { isLimited } from '../../model/retention/keep.ts';
import { policiesInForce } from '../policies/in-force.ts';
import type { EngineParts } from '../run/parts.ts';

/** What holds for a machine's restore points on a target. */
export interface Retention {
  readonly rules: readonly RetentionRule[];
  /** IANA time zone in which they count. */
  readonly zone: string;
}

/** The retention of a machine on a target: that of the policies in force, else the configuration's; `null` when it keeps everything. */
export async function retentionOf(
  parts: EngineParts,
  target: string,
  {
    endpoint,
    machine,
    policy = null,
  }: { readonly endpoint: string; readonly machine: string; readonly policy?: RunRecord['policy'] },
): Promise<Retention | null> {
  const applied = await policiesInForce(parts.catalog);
  const set = applied?.set ?? null;
  const isAsked = set?.policies.some(({ keep }) => Object.hasOwn(keep, target)) ?? false;
  const known = isAsked ? await parts.catalog.machines({ endpoint }) : [];
  const found = known.find((record) => record.machine.id === machine) ?? null;
  const rules = rulesFor(set, parts.config.config.keep, found, target, policy?.policy ?? null);
  if (rules.length === 0 || rules.some(({ keep }) => !isLimited(keep))) return null;
  return { rules, zone: set?.zone ?? parts.zone };
}

/** Which of a machine's restore points on a target are not kept there. */
export type Expiry = (points: readonly PointSummary[]) => readonly PointSummary[];

/** What would be forgotten of a machine on a target, by the rules of now. */
export async function expiryOn(
  parts: EngineParts,
  target: string,
  machine: { readonly endpoint: string; readonly machine: string },
): Promise<Expiry> {
  const retention = await retentionOf(parts, target, machine);
  if (retention === null) return () => [];
  return (points) => decideByRules(points, retention.rules, parts.now(), retention.zone).expire;
}
