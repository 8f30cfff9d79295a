import { type Call, HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Documents } from '../documents/documents.ts';
import { forgottenName } from '../documents/names.ts';
import { type Forgotten, parseForgotten } from './forgotten-document.ts';
import type { PointList } from './point-list.ts';
import { machineOf, newestOfEach } from './point-order.ts';

/**
 * Marks restore points as gone. All are checked before the first is marked.
 * @throws {HoldfastError} `POINT_NOT_FOUND`; `POINT_NEWEST` when the newest whole restore point of a machine is among them.
 */
export async function forgetPoints(
  ids: readonly string[],
  reason: string,
  parts: { readonly documents: Documents; readonly points: PointList; readonly target: string },
  now: number,
  call: Call,
): Promise<void> {
  const { documents, target } = parts;
  const { points } = await parts.points.list(call);
  const newest = newestOfEach(points);
  const byId = new Map(points.map((record) => [record.summary.point, record]));
  const forgets = [...new Set(ids)].map((point): Forgotten => {
    const record = byId.get(point);
    if (record === undefined) {
      throw new HoldfastError('POINT_NOT_FOUND', `there is no restore point ${point} on ${target}`);
    }
    if (newest.get(machineOf(record.summary)) === record) {
      throw new HoldfastError('POINT_NEWEST', `restore point ${point} is the newest of ${record.summary.machineName}`);
    }
    return { version: 1, point, sha256: record.commit.sha256, forgottenAt: now, reason: reason.slice(0, 4096) };
  });
  for (const forget of forgets) {
    const name = forgottenName(forget.point);
    try {
      await documents.put(documents.seal(name, forget), call);
    } catch (failure) {
      if (!isHoldfastError(failure, 'OBJECT_EXISTS')) throw failure;
      // Somebody else has forgotten it at the same time; or what is there is damaged, and says so now.
      parseForgotten((await documents.fetch(name, call)).value, name, forget.point);
    }
  }
}
