import type { Call } from '@holdfast/api';
import type { Catalog } from '../catalog/contract.ts';
import type { LoadedConfig, Secrets } from '../config/contract.ts';
import type { PluginHost } from '../host/contract.ts';
import type { Repository } from '../repository/contract.ts';
import type { CollectionBook } from './repositories/contract.ts';
import type { CatalogSaver } from './saved-catalogs/saver.ts';

/** What the engine stands on. It opens none of it but endpoints, and closes nothing. */
export interface EngineDeps {
  readonly catalog: Catalog;
  readonly host: PluginHost;
  readonly config: LoadedConfig;
  readonly secrets: Secrets;
  /** Opens the repository on a target, or answers the one that is open already. */
  openRepository(target: string, call: Call): Promise<Repository>;
  /** When repositories were collected. Absent: none is collected by itself. */
  readonly collections?: CollectionBook;
  /** What saves the catalog into the repository on a target after runs that wrote to it; absent: nothing is saved. Whoever answers it closes it, before catalog and repository. */
  savesCatalog?(target: string, call: Call): Promise<Pick<CatalogSaver, 'after'>>;
  /** Whose work this is, for records. */
  readonly who: string;
  /** This process, as `thisHolder()` names it, in leases. */
  readonly holder: string;
  now(): number;
  /** IANA time zone in which retention counts days, weeks and months. Default is that of this machine. */
  readonly zone?: string;
  /** Limits of time, for tests. */
  readonly timing?: Partial<Timing>;
}

/** How long things may take, in milliseconds. */
export interface Timing {
  /** A lease that was not renewed for as long belongs to whoever takes it. */
  readonly leaseMs: number;
  /** How often a run shows that it lives, stores its progress and looks whether someone wants it to stop. */
  readonly beatMs: number;
  /** Pauses before the second, third, … attempt; there is one more attempt than pauses. */
  readonly backoffMs: readonly number[];
  /** How long a step waits for a slot. */
  readonly slotWaitMs: number;
  /** How often a waiting step looks for a free slot, and a watcher for news. */
  readonly pollMs: number;
  /** How long a cancelled step has to stop, and each clean-up to end. */
  readonly graceMs: number;
}

export const defaultTiming: Timing = {
  leaseMs: 15_000,
  beatMs: 500,
  backoffMs: [1_000, 5_000],
  slotWaitMs: 30 * 60_000,
  pollMs: 250,
  graceMs: 30_000,
};

/** How many of a slot there are when the configuration does not say. */
export const defaultSlots = 2;
