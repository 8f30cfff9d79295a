import type { Call } from '@holdfast/api';
import type { CheckedParts } from '../check/check-repository.ts';

/** What a repair needs of a repository. */
export interface RepairParts extends CheckedParts {
  /** Leases whose packs all count; see `indexedLeases`. */
  committedLeases(call: Call): Promise<readonly string[]>;
}
