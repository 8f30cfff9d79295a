import { type Call, HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Documents, OpenedDocument } from '../documents/documents.ts';
import { mapLimited } from '../documents/map-limited.ts';
import { commitName, forgottenName, idPattern } from '../documents/names.ts';
import { type Committed, type Fenced, parseCommit } from './commit-document.ts';
import { parseForgotten } from './forgotten-document.ts';
import { type KnownPoints, ListingMemory } from './listing-memory.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { type PointRecord, recordOf } from './point-record.ts';

/** Documents that are fetched at a time: enough to hide the way to a cloud. */
const AT_ONCE = 16;

/** A restore point that is in the way of a listing because something of it is damaged. */
export interface BrokenPoint {
  readonly point: string;
  readonly failure: HoldfastError;
}

/** The restore points of a repository at one moment. */
export interface PointListing {
  readonly points: readonly PointRecord[];
  readonly broken: readonly BrokenPoint[];
}

/**
 * Which restore points exist. What has been read and authenticated once is remembered, in memory and on this machine, for none of it
 * ever changes: the store is asked only for names and for what is new.
 */
export class PointList {
  readonly #documents: Documents;
  readonly #target: string;
  readonly #memory: ListingMemory;
  #recalled: Promise<KnownPoints> | null = null;

  constructor(documents: Documents, target: string) {
    this.#documents = documents;
    this.#target = target;
    this.#memory = new ListingMemory(documents, target);
  }

  /** All that are committed and not forgotten, in no order. What is damaged is told apart; failures of the store are thrown. */
  async list(call: Call): Promise<PointListing> {
    const [leases, forgets] = await Promise.all([
      this.#names('commits/', call),
      // Listed after or at the same time: a point forgotten meanwhile may still be shown, never the other way.
      this.#names('forgotten/', call),
    ]);
    const known = await this.#known();
    const forgotten = new Set(forgets);
    const points: PointRecord[] = [];
    const broken: BrokenPoint[] = [];
    await mapLimited(leases, AT_ONCE, async (lease) => {
      if (forgotten.has(lease) && (await this.#isForgotten(lease, call))) return;
      try {
        const record = await this.#record(lease, call);
        if (record !== 'fenced') points.push(record);
      } catch (thrown) {
        const failure = asDamage(thrown, lease);
        if (failure === null) throw thrown;
        broken.push({ point: lease, failure });
      }
    });
    known.keepOnly(new Set(leases));
    await this.#memory.keep(known);
    return { points, broken };
  }

  /** One restore point, without listing the others. Throws `POINT_NOT_FOUND`, `REPOSITORY_DAMAGED`. */
  async find(point: string, call: Call): Promise<PointRecord> {
    const notFound = (): HoldfastError =>
      new HoldfastError('POINT_NOT_FOUND', `there is no restore point ${point} on ${this.#target}`);
    if (!idPattern.test(point)) throw notFound();
    const present = await this.#names(`commits/${point}`, call);
    if (!present.includes(point)) throw notFound();
    const forgotten = await this.#names(`forgotten/${point}`, call);
    if (forgotten.includes(point) && (await this.#isForgotten(point, call))) throw notFound();
    const record = await this.#record(point, call);
    if (record === 'fenced') throw notFound();
    return record;
  }

  /** The whole manifest of a restore point that was listed. Throws `REPOSITORY_DAMAGED`. */
  async manifest(record: PointRecord, call: Call): Promise<Manifest> {
    const { manifest, sha256, lease } = record.commit;
    try {
      return checked(await this.#documents.get(manifest, call, sha256), record.commit);
    } catch (thrown) {
      throw asDamage(thrown, lease) ?? thrown;
    }
  }

  #known(): Promise<KnownPoints> {
    this.#recalled ??= this.#memory.recall();
    return this.#recalled;
  }

  async #record(lease: string, call: Call): Promise<PointRecord | 'fenced'> {
    const known = await this.#known();
    const before = known.records.get(lease);
    if (before !== undefined) return before;
    const record = await this.#read(lease, call);
    known.add(lease, record);
    return record;
  }

  async #read(lease: string, call: Call): Promise<PointRecord | 'fenced'> {
    const name = commitName(lease);
    const commit: Committed | Fenced = parseCommit((await this.#documents.fetch(name, call)).value, name, lease);
    if (commit.state === 'fenced') return 'fenced';
    const manifest = checked(await this.#documents.fetch(commit.manifest, call, commit.sha256), commit);
    return recordOf(manifest, commit, this.#target);
  }

  /** Whether a forget is genuine; one that is damaged hides nothing. */
  async #isForgotten(point: string, call: Call): Promise<boolean> {
    const known = await this.#known();
    if (known.forgotten.has(point)) return true;
    const name = forgottenName(point);
    try {
      parseForgotten((await this.#documents.fetch(name, call)).value, name, point);
    } catch (failure) {
      if (isHoldfastError(failure, 'OBJECT_NOT_FOUND')) return false;
      if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
      call.log('warn', `restore point ${point} is shown although it was forgotten: ${failure.message}`);
      return false;
    }
    known.forget(point);
    return true;
  }

  async #names(prefix: string, call: Call): Promise<string[]> {
    const folder = prefix.slice(0, prefix.indexOf('/') + 1);
    const names: string[] = [];
    for await (const { name } of this.#documents.store.list(prefix, call)) {
      const id = name.slice(folder.length);
      if (idPattern.test(id)) names.push(id);
    }
    return names;
  }
}

function checked(document: OpenedDocument, commit: Committed): Manifest {
  const manifest = parseManifest(document.value, document.name);
  if (manifest.point === commit.lease) return manifest;
  throw new HoldfastError('REPOSITORY_DAMAGED', `${document.name} is not the manifest of ${commit.lease}`, {
    facts: { object: document.name },
  });
}

/** Damage to one restore point; `null` for what concerns the store as a whole, or is a bug. */
function asDamage(thrown: unknown, point: string): HoldfastError | null {
  if (isHoldfastError(thrown, 'REPOSITORY_DAMAGED')) return thrown;
  if (!isHoldfastError(thrown, 'OBJECT_NOT_FOUND')) return null;
  return new HoldfastError('REPOSITORY_DAMAGED', `an object of restore point ${point} is missing: ${thrown.message}`, {
    facts: { point },
    cause: thrown,
  });
}
