import { formatNumbered } from '../format/numbers.ts';
import type { PastChecks, TargetCheck } from './past-checks.ts';

/** What the last looks at a target found, the one at its place and the one at its repository, as one: the worse of both; `null` before there was any. */
export function lastCheck(target: string, { targets, repositories }: PastChecks): TargetCheck | null {
  const place = targets[target] ?? null;
  const repository = repositories[target];
  if (repository === undefined) return place;
  const { freeBytes = null, totalBytes = null } = place ?? {};
  if (repository.state === 'damaged') {
    const detail = `${formatNumbered(repository.damaged, 'object')} of its repository ${repository.damaged === 1 ? 'is' : 'are'} damaged`;
    return { at: repository.at, state: 'failed', detail, freeBytes, totalBytes };
  }
  const at = Math.max(repository.at, place?.at ?? 0);
  return {
    at,
    state: 'ok',
    detail: 'nothing is damaged',
    freeBytes,
    totalBytes,
    ...(place === null ? {} : worse(place)),
  };
}

const worse = ({ state, detail }: TargetCheck): Partial<TargetCheck> => (state === 'ok' ? {} : { state, detail });
