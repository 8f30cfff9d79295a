import { nextBeginning } from '../../model/schedules/due.ts';
import type { EngineParts } from '../run/parts.ts';
import type { Upcoming } from './contract.ts';
import { PlanBook } from './plan-book.ts';

/** What will begin until a moment, as far as can be foreseen, by time; of more than `limit` the first. From the catalog alone. */
export async function upcoming(parts: EngineParts, until: number, limit: number): Promise<readonly Upcoming[]> {
  const book = await new PlanBook(parts.catalog).open();
  const found: Upcoming[] = [];
  for (const { policy, workflow, table } of book?.entries ?? []) {
    if (policy.isPaused) continue;
    let at: number | null = parts.now();
    for (let count = 0; count < limit; count += 1) {
      at = nextBeginning(table, at, at, policy.catchUp);
      if (at === null || at > until) break;
      // What begins at no time of its schedule is caught up.
      const isCatchUp = table.next(at - 1) !== at;
      found.push({ policy: policy.name, workflow: workflow.name, at, isCatchUp });
    }
  }
  return found.toSorted((a, b) => a.at - b.at).slice(0, limit);
}
