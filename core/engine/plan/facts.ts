import { HoldfastError, type Plain, type PlanFacts } from '@holdfast/api';
import type { RunRecord } from '../../catalog/contract.ts';
import { movesOf } from '../run/figures.ts';
import type { EngineParts } from '../run/parts.ts';

/** Speeds are learnt from so many of the newest runs, so that they follow a change of hardware. */
const runsToLearnFrom = 20;

/** What a step may know when it plans: from catalog, configuration and manifests alone. Planning opens no repository. */
export function planFacts(
  parts: Pick<EngineParts, 'catalog' | 'host' | 'config'>,
  subject: { readonly endpoint: string; readonly machine: string },
): PlanFacts {
  const { catalog } = parts;
  let learned: Promise<readonly RunRecord[]> | null = null;
  return {
    latest: async (target) => {
      const points = await catalog.points({ target, endpoint: subject.endpoint, machine: subject.machine });
      return points.toSorted((a, b) => b.takenAt - a.takenAt)[0] ?? null;
    },
    sheet: async (endpoint) => sheetOf(parts, endpoint),
    point: async ({ target, point }) => {
      const points = await catalog.points({ target });
      return points.find((known) => known.point === point) ?? null;
    },
    speed: async (from, to) => {
      learned ??= catalog.jobs.list({ states: ['done', 'partial'], limit: runsToLearnFrom });
      const moves = (await learned)
        .flatMap(({ result }) => movesOf(result))
        .filter((move) => move.from === from && move.to === to);
      const bytes = moves.reduce((sum, { readBytes }) => sum + readBytes, 0);
      const ms = moves.reduce((sum, { durationMs }) => sum + durationMs, 0);
      return bytes > 0 && ms > 0 ? (bytes / ms) * 1_000 : null;
    },
  };
}

/** The answers of an endpoint's hypervisor, their values alone. Throws `ENDPOINT_NOT_FOUND`. */
export function sheetOf(
  { host, config }: Pick<EngineParts, 'host' | 'config'>,
  endpoint: string,
): Record<string, Plain> {
  const { endpoints } = config.config;
  const use = Object.hasOwn(endpoints, endpoint) ? endpoints[endpoint]?.use : undefined;
  if (use === undefined) throw new HoldfastError('ENDPOINT_NOT_FOUND', `no endpoint is called ${endpoint}`);
  const contributed = host.hypervisors().find(({ contribution }) => contribution.id === use);
  const values: Record<string, Plain> = {};
  for (const [id, answer] of Object.entries(contributed?.answers ?? {}))
    if (typeof answer === 'object' && answer !== null && 'value' in answer)
      values[id] = structuredClone(answer.value) as Plain;
  return values;
}
