import type { PlanFacts } from '@holdfast/api';
import type { Catalog, RunRecord } from '../../catalog/contract.ts';
import { movesOf } from '../run/figures.ts';

/** Speeds are learnt from so many of the newest runs, so that they follow a change of hardware. */
const runsToLearnFrom = 20;

/** What a step may know when it plans, from the catalog alone: planning opens no repository. */
export function planFacts(
  catalog: Catalog,
  subject: { readonly endpoint: string; readonly machine: string },
): PlanFacts {
  let learned: Promise<readonly RunRecord[]> | null = null;
  return {
    latest: async (target) => {
      const points = await catalog.points({ target, endpoint: subject.endpoint, machine: subject.machine });
      return points.toSorted((a, b) => b.takenAt - a.takenAt)[0] ?? null;
    },
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
