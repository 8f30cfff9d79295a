import type { ObjectStore } from '../../target.ts';
import type { Check } from '../check.ts';
import { contentChecks } from './content.ts';
import { factChecks } from './facts.ts';
import { namingChecks } from './naming.ts';
import { ProbeStore } from './probe-store.ts';
import { togetherChecks } from './together.ts';
import { volumeChecks } from './volume.ts';

/** What the suite needs besides a store. */
export interface ObjectStoreSuite {
  /** An open store. The checks use names below `conformance/` and remove them in the end. */
  readonly store: ObjectStore;
  /** Opens the same store anew; `null` for one that keeps nothing. */
  readonly reopen: (() => Promise<ObjectStore>) | null;
  /** How many objects to store for the listing. Default is 10,000. */
  readonly manyObjects?: number;
}

/** Everything that the repository relies on in a store, in order: later checks use objects of earlier ones. */
export function objectStoreChecks(suite: ObjectStoreSuite): readonly Check[] {
  const probe = new ProbeStore(suite.store, `conformance/${crypto.randomUUID()}`);
  return [
    ...contentChecks(probe),
    ...namingChecks(probe),
    ...togetherChecks(probe),
    ...factChecks(probe, suite.reopen),
    ...volumeChecks(probe, suite.manyObjects ?? 10_000),
  ];
}
