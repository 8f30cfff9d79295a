import { isHoldfastError } from '@holdfast/api';
import type { Documents } from '../documents/documents.ts';
import { Fields } from '../documents/fields.ts';
import { idPattern } from '../documents/names.ts';
import { parseCommit } from './commit-document.ts';
import { type PointRecord, parseSummary } from './point-record.ts';

/** Never the name of an object: this is kept on this machine only. Counts up when what it holds changes its shape. */
const KEPT_AS = 'listing/1';

/** What a collector has seen of leases; kept beside. */
export const WATCH_KEPT_AS = 'leases-seen/1';

/** Beyond this a listing is read anew by each process: the sealed document would become too long. */
const MOST_KEPT = 100_000;

/** What has been read of restore points so far; only ever grows by what is new, and loses what is gone. */
export class KnownPoints {
  readonly #records: Map<string, PointRecord | 'fenced'>;
  readonly #forgotten: Set<string>;
  #isChanged = false;

  constructor(records: ReadonlyMap<string, PointRecord | 'fenced'>, forgotten: ReadonlySet<string>) {
    this.#records = new Map(records);
    this.#forgotten = new Set(forgotten);
  }

  get records(): ReadonlyMap<string, PointRecord | 'fenced'> {
    return this.#records;
  }

  /** Restore points whose forgetting is genuine. */
  get forgotten(): ReadonlySet<string> {
    return this.#forgotten;
  }

  add(lease: string, record: PointRecord | 'fenced'): void {
    this.#records.set(lease, record);
    this.#isChanged = true;
  }

  forget(point: string): void {
    this.#forgotten.add(point);
    this.#isChanged = true;
  }

  keepOnly(leases: ReadonlySet<string>): void {
    for (const known of [this.#records, this.#forgotten]) {
      for (const lease of known.keys()) {
        if (leases.has(lease)) continue;
        known.delete(lease);
        this.#isChanged = true;
      }
    }
  }

  /** Whether anything changed since this was last asked. */
  takeChanged(): boolean {
    const changed = this.#isChanged;
    this.#isChanged = false;
    return changed;
  }
}

/** Keeps what is known of restore points on this machine, sealed with the key of the repository, so that nobody else can change it. */
export class ListingMemory {
  readonly #documents: Documents;
  readonly #target: string;

  constructor(documents: Documents, target: string) {
    this.#documents = documents;
    this.#target = target;
  }

  /** What was kept; nothing when there is nothing whole. */
  async recall(): Promise<KnownPoints> {
    try {
      const kept = new Fields(await this.#documents.recall(KEPT_AS), KEPT_AS);
      const records = kept.objects('points', MOST_KEPT).map((fields): [string, PointRecord] => {
        const commit = parseCommit(fields.raw('commit'), KEPT_AS, fields.object('commit').hex('lease', 16));
        if (commit.state !== 'committed') throw fields.wrong('commit', 'is none');
        const summary = { ...parseSummary(fields.object('summary')), target: this.#target };
        return [commit.lease, { commit, summary, dataBytes: fields.integer('dataBytes') }];
      });
      const fenced = kept.texts('fenced', MOST_KEPT, idPattern).map((lease): [string, 'fenced'] => [lease, 'fenced']);
      return new KnownPoints(
        new Map<string, PointRecord | 'fenced'>([...records, ...fenced]),
        new Set(kept.texts('forgotten', MOST_KEPT, idPattern)),
      );
    } catch (failure) {
      if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
      return new KnownPoints(new Map(), new Set());
    }
  }

  async keep(known: KnownPoints): Promise<void> {
    if (!known.takeChanged()) return;
    const points: PointRecord[] = [];
    const fenced: string[] = [];
    for (const [lease, record] of known.records) {
      if (record === 'fenced') fenced.push(lease);
      else points.push(record);
    }
    if (known.records.size > MOST_KEPT) return;
    await this.#documents.keep(KEPT_AS, { points, fenced, forgotten: [...known.forgotten] });
    const names = new Set<string>(points.map(({ commit }) => commit.manifest));
    await this.#documents.forgetCachedExcept(names.add(KEPT_AS).add(WATCH_KEPT_AS));
  }
}
