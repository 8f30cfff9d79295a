import type { CommandResult } from '@holdfast/api';
import { fieldsOf, itemsOf } from '../reading.ts';

/**
 * What a person goes by who agrees to a change of policies: the lines of the file, the policies that change, the restore points that would expire. Files
 * are changed by editors too, and of that nobody is told. `null` for previews of anything else.
 */
export function seenOf({ data }: CommandResult): string | null {
  const { diff = null, plan } = fieldsOf(data);
  const { changes, expires, against = null } = fieldsOf(plan);
  if (changes === undefined || expires === undefined) return null;
  const points = itemsOf(expires).map((one) => {
    const { target, point } = fieldsOf(one);
    return [target, point];
  });
  return JSON.stringify([diff, changes, points, against]);
}
