import { type Call, isHoldfastError } from '@holdfast/api';
import type { Documents } from '../documents/documents.ts';
import { Fields } from '../documents/fields.ts';
import { commitName } from '../documents/names.ts';
import { isHolderGone } from '../leases/holder.ts';
import { DEFAULT_SILENT_AFTER_MS, type LeaseTerms } from '../leases/lease.ts';
import type { LeaseDocument } from '../leases/lease-document.ts';
import { type Committed, type Fenced, parseCommit } from '../points/commit-document.ts';
import { WATCH_KEPT_AS } from '../points/listing-memory.ts';
import { isOpen, lookAtLeases, readLeases, type SeenLease } from './look-at-leases.ts';

const MOST_KEPT = 100_000;
/** Nobody is waited for longer in silence, whatever the lease asks for: a host that was taken over must not hold up collections for ever by one object. */
const MOST_PATIENCE_MS = 24 * 3_600_000;

/** A lease under which somebody may still be at work. */
export interface OpenLease {
  readonly seen: SeenLease;
  /** `null` when it cannot be read. */
  readonly document: LeaseDocument | null;
  /** By this machine's clock: when a sign of life was last seen that had not been seen before. */
  readonly aliveAt: number;
  readonly isSilent: boolean;
  /** Its process was one of this machine and is gone: nobody can do anything under it any more. */
  readonly isGone: boolean;
}

/** Leases as one look showed them. */
export interface LeaseLook {
  readonly all: ReadonlyMap<string, SeenLease>;
  readonly open: ReadonlyMap<string, OpenLease>;
}

/**
 * Watches leases. Whether one is silent is told by what this machine has seen between two looks, never by a time that somebody else wrote
 * down; and it decides only when a writer is fenced, never that something may be removed.
 */
export class LeaseWatch {
  readonly #documents: Documents;
  readonly #terms: LeaseTerms;
  #seen: Map<string, { readonly renewals: number; readonly at: number }> | null = null;

  constructor(documents: Documents, terms: LeaseTerms) {
    this.#documents = documents;
    this.#terms = terms;
  }

  /** @param own The collector's own lease, which is left out. */
  async look(own: string | null, call: Call): Promise<LeaseLook> {
    const seen = await this.#recall();
    const all = await lookAtLeases(this.#documents, call);
    const openOnes = [...all.values()].filter((lease) => isOpen(lease) && lease.lease !== own);
    const documents = await readLeases(this.#documents, openOnes, call);
    const now = this.#terms.now();
    const open = new Map<string, OpenLease>();
    for (const lease of openOnes) {
      const before = seen.get(lease.lease);
      const document = documents.get(lease.lease) ?? null;
      const isFresh = before === undefined || before.renewals !== lease.renewals || now < before.at;
      const at = isFresh ? now : before.at;
      seen.set(lease.lease, { renewals: lease.renewals, at });
      const patience = Math.min(document?.silentAfterMs ?? DEFAULT_SILENT_AFTER_MS, MOST_PATIENCE_MS);
      const isGone = document !== null && isHolderGone(document);
      open.set(lease.lease, { seen: lease, document, aliveAt: at, isSilent: now - at >= patience, isGone });
    }
    for (const lease of [...seen.keys()]) if (!open.has(lease)) seen.delete(lease);
    return { all, open };
  }

  /** Keeps what was seen, for the next collection on this machine. */
  async keep(): Promise<void> {
    const seen = [...(this.#seen ?? [])].slice(0, MOST_KEPT);
    await this.#documents.keep(WATCH_KEPT_AS, {
      seen: seen.map(([lease, { renewals, at }]) => ({ lease, renewals, at })),
    });
  }

  async #recall(): Promise<Map<string, { readonly renewals: number; readonly at: number }>> {
    if (this.#seen !== null) return this.#seen;
    this.#seen = new Map();
    try {
      const kept = new Fields(await this.#documents.recall(WATCH_KEPT_AS), WATCH_KEPT_AS);
      for (const fields of kept.objects('seen', MOST_KEPT)) {
        this.#seen.set(fields.hex('lease', 16), { renewals: fields.integer('renewals'), at: fields.integer('at') });
      }
    } catch (failure) {
      if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
    }
    return this.#seen;
  }
}

/**
 * Sees to it that nobody can ever commit under a lease, unless somebody has: put if absent, so that one of the two wins.
 * @returns What stands there from now on.
 * @throws `REPOSITORY_DAMAGED` when what stands there cannot be read.
 */
export async function fence(documents: Documents, lease: string, now: number, call: Call): Promise<Committed | Fenced> {
  const name = commitName(lease);
  const fenced: Fenced = { version: 1, lease, state: 'fenced', fencedAt: now };
  try {
    await documents.put(documents.seal(name, fenced), call);
    return fenced;
  } catch (failure) {
    if (!isHoldfastError(failure, 'OBJECT_EXISTS')) throw failure;
    return parseCommit((await documents.fetch(name, call)).value, name, lease);
  }
}
