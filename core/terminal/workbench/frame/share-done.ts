import type { Progress } from '@holdfast/api';
import type { Room } from './room.ts';

/** Bytes done and to do; `null` for what does not say both. */
const shareOf = ({ doneBytes, totalBytes }: Progress): { readonly done: number; readonly total: number } | null =>
  doneBytes === undefined || totalBytes === undefined || totalBytes <= 0
    ? null
    : { done: Math.min(doneBytes, totalBytes), total: totalBytes };

/** How many things run, this person's and those of others, and the share of their bytes that is done. */
export function shareDone(room: Room): { readonly running: number; readonly done: number | null } {
  const own = room.tasks.running;
  const begun = new Set(own.map(({ run }) => run));
  const others = room.others.all.filter(({ id }) => !begun.has(id));
  const shares = [...own, ...others].flatMap(({ progress }) => (progress === null ? [] : (shareOf(progress) ?? [])));
  const total = shares.reduce((sum, share) => sum + share.total, 0);
  const done = shares.reduce((sum, share) => sum + share.done, 0);
  return { running: own.length + others.length, done: total === 0 ? null : done / total };
}
