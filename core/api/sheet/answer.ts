/**
 * How an answer is known: `declared` by the author, `probed` by trying it where the plugin runs, or `measured` with the
 * figure that the value holds.
 */
export type Evidence = 'declared' | 'probed' | 'measured';

/** One answer of a capability sheet. */
export type Answer<T> =
  | {
      readonly value: T;
      readonly evidence: Evidence;
      /** For people: where the value comes from, or what limits it. */
      readonly note?: string;
    }
  | {
      /** Why the question cannot be asked of this plugin, in a sentence. */
      readonly notApplicable: string;
    };

/** What something costs in licences and maintenance. */
export interface Cost {
  /** Name of the licence, for example `MIT` or `vendor, per socket`. */
  readonly licence: string;
  /** Whether money must be paid for its use. */
  readonly paid: boolean;
  /** Cost of a year per protected machine in the currency of `currency`; `null` when not known. */
  readonly yearlyPerMachine: number | null;
  /** ISO 4217, for example `EUR`. */
  readonly currency: string;
}

/** Kinds of disk that something works with. `virtual` is an image; the raw kinds are devices passed through. */
export type DiskKind = 'virtual' | 'raw-virtual' | 'raw-physical';
