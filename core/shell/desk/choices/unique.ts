import type { PointSummary } from '@holdfast/api';

const shortest = 8;

/** The one restore point that an identity or its beginning names; `null` when there is none or it could be several. */
export function byIdentityStart(wanted: string, points: readonly PointSummary[]): PointSummary | null {
  const fitting = points.filter(({ point }) => point.startsWith(wanted));
  const [first] = fitting;
  return first !== undefined && fitting.every(({ point }) => point === first.point) ? first : null;
}

/** As much of each identity as tells it from all others, at least eight digits. */
export function shortestUnique(ids: readonly string[]): ReadonlyMap<string, string> {
  const sorted = [...new Set(ids)].toSorted();
  return new Map(
    sorted.map((id, index) => {
      const shared = Math.max(common(id, sorted[index - 1]), common(id, sorted[index + 1]));
      return [id, id.slice(0, Math.max(shortest, shared + 1))];
    }),
  );
}

/** How many digits two identities have in common at their beginning. */
function common(a: string, b: string | undefined): number {
  let length = 0;
  while (b !== undefined && length < a.length && a[length] === b[length]) length += 1;
  return length;
}
