import type { Call, PointRef, PointSummary } from '@holdfast/api';
import { decideByRules, keepInWords, type RetentionRule, rulesInWords } from '../../model/policies/retention.ts';
import { noteForgotten } from '../repositories/due.ts';
import type { RunContext } from '../run/context.ts';
import type { EngineParts } from '../run/parts.ts';
import { forgetPoints } from './forget.ts';
import { type Retention, retentionOf } from './rules-on.ts';

/** Reasons name so many kept points; more would bury the rest of the reasons. */
const mostNamed = 30;

/** Forgets what the retention of their targets no longer keeps, after restore points of a machine were made. Answers the identities of those forgotten. */
export async function expireAfter(
  parts: EngineParts,
  context: RunContext,
  made: readonly PointRef[],
  stop: AbortSignal,
): Promise<readonly string[]> {
  const expired: string[] = [];
  for (const target of new Set(made.map((ref) => ref.target))) {
    const retention = await retentionOf(parts, target, context.run);
    if (retention !== null) expired.push(...(await expireOn(parts, context, target, retention, stop)));
  }
  return expired;
}

async function expireOn(
  parts: EngineParts,
  context: RunContext,
  target: string,
  { rules, zone }: Retention,
  stop: AbortSignal,
): Promise<readonly string[]> {
  const { catalog, journal, run } = context;
  const points = await catalog.points({ target, endpoint: run.endpoint, machine: run.machine });
  const decided = decideByRules(points, rules, parts.now(), zone);
  const named = decided.keep.slice(0, mostNamed).map(({ point, why }) => `${at(point)} (${why.join(', ')})`);
  const rest = decided.keep.length - named.length;
  journal.because({
    decision: `keep ${decided.keep.length} restore points on ${target}`,
    because: `${named.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`,
  });
  const reason = `retention ${ruleOf(rules)} of ${target}`;
  for (const point of decided.expire)
    journal.because({
      decision: `forget restore point ${point.point} of ${at(point)}`,
      because: `no rule of ${reason} keeps it`,
    });
  if (decided.expire.length === 0) return [];
  await context.heartbeat.confirm();
  const call: Call = { ...context.quietCall, signal: stop };
  const repository = await parts.openRepository(target, call);
  const ids = decided.expire.map(({ point }) => point);
  await forgetPoints(catalog, repository, points, ids, reason, parts.now(), call);
  await noteForgotten(parts.collections, target, parts.now());
  journal.log('info', `forgot ${ids.length === 1 ? '1 restore point' : `${ids.length} restore points`} on ${target}`);
  return ids;
}

/** What would expire on a target once a restore point of now is there. */
export async function expiresNext(
  parts: EngineParts,
  target: string,
  machine: { readonly endpoint: string; readonly machine: string; readonly machineName: string },
): Promise<readonly PointSummary[]> {
  const retention = await retentionOf(parts, target, machine);
  if (retention === null) return [];
  const points = await parts.catalog.points({ target, endpoint: machine.endpoint, machine: machine.machine });
  const now = parts.now();
  const next: PointSummary = {
    target,
    point: 'next',
    machine: machine.machine,
    machineName: machine.machineName,
    endpoint: machine.endpoint,
    takenAt: now,
    committedAt: now,
    consistency: 'crash',
    disks: [],
    sizeBytes: 0,
    storedBytes: 0,
  };
  return decideByRules([...points, next], retention.rules, now, retention.zone).expire;
}

/** The configuration's rule stands as it is there; those of policies say whose they are. */
function ruleOf(rules: readonly RetentionRule[]): string {
  const [only, ...more] = rules;
  return only?.by === 'the configuration' && more.length === 0 ? keepInWords(only.keep) : rulesInWords(rules);
}

/** A time for people, in UTC, to the minute. */
const at = ({ takenAt }: PointSummary): string =>
  `${new Date(takenAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
