import type { Plain } from '../call.ts';

/** What a contribution needs to be tried. */
export interface Prepared {
  /** Settings to open it with, or (for a technique) to run it with; see `practiceNames`. */
  readonly settings: Readonly<Record<string, Plain>>;
  /** Secrets, by the setting that refers to them. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Hypervisor: name of the machine to snapshot. Default is the first that can be protected. */
  readonly machine?: string;
  /** Hypervisor: whether its snapshots may make nothing that could outlive the process. Default is `false`. */
  readonly snapshotsLeaveNothing?: boolean;
  /** Media library: barcode of a cartridge whose content may be lost. */
  readonly scratch?: string;
  /** Object store: set to `false` for one that keeps nothing once it is closed. Default is `true`. */
  readonly keeps?: boolean;
  /** Object store: how many objects to store for the listing. Default is 10,000. */
  readonly manyObjects?: number;
  /** Notifier: everything that has arrived so far, as texts that hold the notices' ids. Default: nobody can tell. */
  readonly received?: () => Promise<readonly string[]>;
  /** Notifier: settings that lead to a receiver which is not there. */
  readonly lostSettings?: Readonly<Record<string, Plain>>;
  /** How long one check may take, in milliseconds: more for what is slow by its nature. Default is 30,000. */
  readonly limitMs?: number;
  /** Removes what lies outside of the folder that was given. */
  readonly dispose?: () => Promise<void>;
}

/** Makes what a contribution needs. */
export interface Fixture {
  /** @param folder An empty folder that is removed afterwards. */
  prepare(folder: string): Promise<Prepared>;
}

/** The export named `fixtures` of a plugin's `conformance.ts` (or `.js`): a fixture for each contribution, by its id. */
export type Fixtures = Readonly<Record<string, Fixture>>;
