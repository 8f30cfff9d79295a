import { makeCall } from '@holdfast/api';
import type { RepositoryOptions } from '../../../core/repository/contract.ts';
import type { CopyOptions, CopyResult } from '../../../core/repository/copy/contract.ts';
import { type Lab, openLab, restoreDisk } from '../lab.ts';
import { MemoryStore } from '../stores.ts';

export const MIB = 1024 * 1024;

/** Two repositories that know nothing of each other, each in memory. */
export interface TwoLabs extends AsyncDisposable {
  readonly source: Lab & { readonly store: MemoryStore };
  readonly destination: Lab & { readonly store: MemoryStore };
}

/** Two repositories of one family. */
export const openFamily = (more: Partial<RepositoryOptions> = {}): Promise<TwoLabs> => open(more, true);

export const openTwoLabs = (more: Partial<RepositoryOptions> = {}): Promise<TwoLabs> => open(more, false);

async function open(more: Partial<RepositoryOptions>, isFamily: boolean): Promise<TwoLabs> {
  const stack = new AsyncDisposableStack();
  const one = new MemoryStore();
  const source = stack.use(await openLab(one, { ...more, target: 'source' }));
  const other = new MemoryStore();
  const destination = stack.use(
    await openLab(other, {
      ...more,
      target: 'destination',
      ...(isFamily ? { family: source.repository } : {}),
    }),
  );
  return {
    source: { ...source, store: one },
    destination: { ...destination, store: other },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export function copy(
  from: Pick<Lab, 'repository'>,
  into: Pick<Lab, 'repository'>,
  point: string,
  options: CopyOptions = {},
  call = makeCall(),
): Promise<CopyResult> {
  return into.repository.copyFrom(from.repository, point, options, call);
}

/** The bytes that a restore of a disk gives; throws what it throws. */
export async function bytesOf(lab: Lab, point: string, disk: string): Promise<Buffer> {
  const { bytes, failure } = await restoreDisk(lab, lab.repository, point, disk);
  if (failure !== null) throw failure;
  return bytes;
}

/** Restore points of a repository. */
export const pointsOf = (lab: Pick<Lab, 'repository'>) => lab.repository.points({}, makeCall());
