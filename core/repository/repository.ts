import {
  type Call,
  type DedupeMode,
  type DiskSink,
  HoldfastError,
  isHoldfastError,
  type MoveResult,
  makeCall,
  type ObjectStore,
  type OpenedPoint,
  type PointSummary,
} from '@holdfast/api';
import type { CatalogToSave, SavedCatalog } from './catalogs/contract.ts';
import type { CollectOptions, CollectReport } from './collect/contract.ts';
import type {
  CheckReport,
  KeyInfo,
  NewPassphrase,
  PointWriter,
  Repository,
  RepositoryStats,
  Unlock,
} from './contract.ts';
import type { CopyOptions, CopyResult, KeyRotation } from './copy/contract.ts';
import { insideOf, letInside } from './copy/inside.ts';
import type { DataPlane } from './data-plane.ts';
import type { Documents } from './documents/documents.ts';
import type { RepositoryFormat } from './format/repository-format.ts';
import type { KeyKeeper } from './keys/key-keeper.ts';
import type { DeduplicateOptions, DeduplicateReport, LandedState } from './landing/contract.ts';
import { type LeaseTerms, takeLease } from './leases/lease.ts';
import { ReadLeases, type ReadSession } from './leases/read-leases.ts';
import { machineFolder } from './points/machine-folder.ts';
import type { Manifest, ManifestDisk } from './points/manifest.ts';
import { PointList } from './points/point-list.ts';
import { machineOf, newestFirst } from './points/point-order.ts';
import type { PointRecord } from './points/point-record.ts';
import type { RepairPlan, RepairReport } from './repair/contract.ts';
import type { RepairParts } from './repair/parts.ts';
import type { RepositorySecrets } from './suite.ts';

/** What an open repository is put together from; see `openRepository`. */
export interface RepositoryParts {
  readonly target: string;
  readonly format: RepositoryFormat;
  readonly secrets: RepositorySecrets;
  readonly store: ObjectStore;
  readonly documents: Documents;
  readonly plane: DataPlane;
  readonly keys: KeyKeeper;
  readonly terms: LeaseTerms;
}

/**
 * A repository in an object store: the documents that say what exists, over the chunks of the data plane. What only some commands do is loaded
 * when it is done.
 */
export class StoredRepository implements Repository {
  readonly id: string;
  readonly target: string;
  readonly #parts: RepositoryParts;
  readonly #points: PointList;
  readonly #readLeases: ReadLeases;
  readonly #writers = new Set<PointWriter>();

  constructor(parts: RepositoryParts) {
    this.id = parts.format.suite.repositoryId;
    this.target = parts.target;
    this.#parts = parts;
    this.#points = new PointList(parts.documents, parts.target);
    this.#readLeases = new ReadLeases(parts.documents, parts.terms);
    letInside(this, { ...parts, points: this.#points, readLeases: this.#readLeases });
  }

  async begin(
    machine: { readonly endpoint: string; readonly id: string; readonly dedupe?: DedupeMode },
    call: Call,
  ): Promise<PointWriter> {
    const { documents, plane, terms, secrets, format, target, keys } = this.#parts;
    const loading = import('./points/point-writer.ts');
    const lease = await takeLease(documents, 'backup', terms, call);
    try {
      const { LeasedPointWriter } = await loading;
      // After the lease and never before it: what a collector condemns from now on is not relied upon.
      await plane.refresh(call);
      // A tombstone that cannot be opened would count as none, and its packs as good.
      await keys.assertComplete(call);
      const folder = machineFolder(machine, secrets, format.suite.hash);
      const data = plane.openWriter(lease.id, machine.dedupe);
      const parts = { target, machine, folder, lease, data, documents, points: this.#points, now: terms.now };
      const writer = new LeasedPointWriter(parts, () => this.#writers.delete(writer));
      this.#writers.add(writer);
      return writer;
    } catch (failure) {
      await lease.end(call);
      throw failure;
    }
  }

  async points(
    filter: { readonly endpoint?: string; readonly machine?: string },
    call: Call,
  ): Promise<readonly PointSummary[]> {
    const { points, broken } = await this.#points.list(call);
    for (const { point, failure } of broken) {
      call.log('error', `restore point ${point} cannot be read and is left out: ${failure.message}`);
    }
    return points
      .map((record) => record.summary)
      .filter((point) => filter.endpoint === undefined || point.endpoint === filter.endpoint)
      .filter((point) => filter.machine === undefined || point.machine === filter.machine)
      .sort(newestFirst);
  }

  async open(point: string, call: Call): Promise<OpenedPoint> {
    const { record, manifest } = await this.#opened(point, call);
    return {
      summary: record.summary,
      machine: manifest.machine,
      frozenMs: manifest.frozenMs,
      sources: manifest.disks.map(({ key, sizeBytes }) => {
        return { kind: 'repository', target: this.target, point, disk: key, sizeBytes };
      }),
    };
  }

  async restore(point: string, disk: string, to: DiskSink, call: Call): Promise<MoveResult> {
    // The lease first: from then on nothing is removed that the restore point reaches.
    await using session = await this.#readLeases.hold(call);
    const contents = await this.#disk(point, disk, call);
    if (to.sizeBytes < contents.sizeBytes) {
      const sizes = `${contents.sizeBytes} bytes do not fit into ${to.sizeBytes}`;
      throw new HoldfastError('DISK_INVALID', `disk ${disk} cannot be restored there: ${sizes}`, {
        remedy: 'restore to a disk that is at least as large',
      });
    }
    try {
      await this.#list(session.listed, null, call);
      return await this.#parts.plane.restoreDisk(contents, to, call);
    } catch (failure) {
      throw await this.#whyLost(failure, point, session, call);
    }
  }

  async *read(
    point: string,
    disk: string,
    range: { readonly offset: number; readonly length: number } | null,
    call: Call,
  ): AsyncGenerator<Uint8Array> {
    await using session = await this.#readLeases.hold(call);
    const contents = await this.#disk(point, disk, call);
    try {
      await this.#list(session.listed, point, call);
      yield* this.#parts.plane.readDisk(contents, range ?? { offset: 0, length: contents.sizeBytes }, call);
    } catch (failure) {
      throw await this.#whyLost(failure, point, session, call);
    }
  }

  async verify(point: string, call: Call): Promise<CheckReport> {
    await using session = await this.#readLeases.hold(call);
    const { record, manifest } = await this.#opened(point, call);
    await this.#list(session.listed, null, call);
    const { verifyPoint } = await import('./check/verify-point.ts');
    const report = await verifyPoint(record, manifest, this.#parts.plane, this.#parts.terms.now, call);
    if (report.damage.length === 0) return report;
    const damage = new HoldfastError('REPOSITORY_DAMAGED', `restore point ${point} cannot be read back`);
    const why = await this.#whyLost(damage, point, session, call);
    if (why !== damage) throw why;
    return report;
  }

  async check(tier: 'fast' | 'full', call: Call): Promise<CheckReport> {
    await using _session = await this.#readLeases.hold(call);
    await this.#parts.keys.assertComplete(call);
    const { checkRepository } = await import('./check/check-repository.ts');
    return await checkRepository(tier, this.#parts, call);
  }

  async planRepair(tier: 'fast' | 'full', call: Call): Promise<RepairPlan> {
    await using _session = await this.#readLeases.hold(call);
    await this.#parts.keys.assertComplete(call);
    const { planRepair } = await import('./repair/plan-repair.ts');
    return await planRepair(tier, this.#repairParts, call);
  }

  async repair(plan: RepairPlan, call: Call): Promise<RepairReport> {
    await this.#parts.keys.assertComplete(call);
    const { repairRepository } = await import('./repair/repair.ts');
    return await repairRepository(plan, this.#repairParts, call);
  }

  async forget(points: readonly string[], reason: string, call: Call): Promise<void> {
    const { documents, target, terms } = this.#parts;
    const { forgetPoints } = await import('./points/forget-points.ts');
    await forgetPoints(points, reason, { documents, points: this.#points, target }, terms.now(), call);
  }

  async stats(call: Call): Promise<RepositoryStats> {
    const { plane, store, format } = this.#parts;
    const { points } = await this.#points.list(call);
    await plane.refresh(call);
    let storedBytes = 0;
    for await (const { sizeBytes } of store.list('', call)) storedBytes += sizeBytes;
    const { chunks, uniqueBytes, packs } = await plane.totals();
    return {
      id: this.id,
      hash: format.suite.hash,
      points: points.length,
      machines: new Set(points.map(({ summary }) => machineOf(summary))).size,
      packs,
      storedBytes,
      chunks,
      uniqueBytes,
      logicalBytes: points.reduce((sum, { dataBytes }) => sum + dataBytes, 0),
      landed: await this.landed(call),
    };
  }

  keys(call: Call): Promise<readonly KeyInfo[]> {
    return this.#parts.keys.list(call);
  }

  addPassphrase(secret: NewPassphrase, label: string, call: Call): Promise<KeyInfo> {
    return this.#parts.keys.addPassphrase(secret, label, call);
  }

  addRecovery(label: string, call: Call): Promise<{ readonly key: KeyInfo; readonly words: string }> {
    return this.#parts.keys.addRecovery(label, call);
  }

  removeKey(id: string, call: Call): Promise<void> {
    return this.#parts.keys.remove(id, call);
  }

  async rebuildIndex(call: Call): Promise<{ readonly runs: number; readonly repaired: number }> {
    await this.#parts.keys.assertComplete(call);
    return await this.#parts.plane.rebuild(await this.#indexedLeases(call), call);
  }

  async collect(options: CollectOptions, call: Call): Promise<CollectReport> {
    const { documents, plane, terms, keys } = this.#parts;
    await keys.assertComplete(call);
    // Who reads no more in this process is not waited for.
    await this.#readLeases.rest();
    const { collect } = await import('./collect/collect.ts');
    const report = await collect({ documents, plane, points: this.#points, terms }, options, call);
    if (options.dryRun !== true) {
      const { tidyOldCatalogs } = await import('./catalogs/tidy.ts');
      await tidyOldCatalogs(this.#parts, call);
      const { tidyLandings } = await import('./landing/landings.ts');
      await tidyLandings(documents, plane.collector(), call);
    }
    return report;
  }

  async deduplicate(options: DeduplicateOptions, call: Call): Promise<DeduplicateReport> {
    const { documents, plane, terms, keys } = this.#parts;
    await keys.assertComplete(call);
    const { deduplicate } = await import('./landing/deduplicate.ts');
    return await deduplicate({ documents, plane, points: this.#points, terms }, options, call);
  }

  async landed(call: Call): Promise<LandedState> {
    const { landedState } = await import('./landing/landings.ts');
    return await landedState(this.#parts.documents, this.#parts.plane.collector(), call);
  }

  async saveCatalog(catalog: CatalogToSave, call: Call): Promise<SavedCatalog> {
    const [{ saveCatalog }, { savedCatalogOf }] = await Promise.all([
      import('./catalogs/save.ts'),
      import('./catalogs/read.ts'),
    ]);
    return savedCatalogOf(await saveCatalog(this.#parts, catalog, call));
  }

  async catalogs(call: Call): Promise<readonly SavedCatalog[]> {
    const { listCatalogs } = await import('./catalogs/read.ts');
    return await listCatalogs(this.#parts, call);
  }

  async readCatalog(object: string, call: Call): Promise<Uint8Array> {
    return Buffer.concat(await Array.fromAsync(this.catalogPieces(object, call)));
  }

  async *catalogPieces(object: string, call: Call): AsyncGenerator<Uint8Array> {
    const { catalogPieces } = await import('./catalogs/read.ts');
    yield* catalogPieces(this.#parts, object, call);
  }

  async copyFrom(source: Repository, point: string, options: CopyOptions, call: Call): Promise<CopyResult> {
    const { copyPoint } = await import('./copy/copy-point.ts');
    return await copyPoint(insideOf(this), source, point, options, call);
  }

  rotateKeys(secrets: readonly Unlock[], call: Call): Promise<KeyRotation> {
    return this.#parts.keys.rotate(secrets, call);
  }

  warm(): void {
    this.#parts.plane.warm();
  }

  /** Gives up writers that were neither committed nor abandoned; ends leases and workers. */
  async close(): Promise<void> {
    try {
      for (const writer of [...this.#writers]) await writer.abandon(makeCall({ who: 'close' }));
      await this.#readLeases.close();
    } finally {
      await this.#parts.plane.close();
    }
  }

  get #repairParts(): RepairParts {
    return { ...this.#parts, committedLeases: (call) => this.#indexedLeases(call) };
  }

  async #indexedLeases(call: Call): Promise<readonly string[]> {
    const { indexedLeases } = await import('./collect/indexed-leases.ts');
    return await indexedLeases(this.#parts, call);
  }

  async #opened(point: string, call: Call): Promise<{ readonly record: PointRecord; readonly manifest: Manifest }> {
    const record = await this.#points.find(point, call);
    return { record, manifest: await this.#points.manifest(record, call) };
  }

  async #disk(point: string, key: string, call: Call): Promise<ManifestDisk> {
    const { manifest } = await this.#opened(point, call);
    const disk = manifest.disks.find((other) => other.key === key);
    if (disk !== undefined) return disk;
    const has = manifest.disks.map((other) => other.key).join(', ');
    throw new HoldfastError('POINT_NOT_FOUND', `restore point ${point} has no disk ${key}`, {
      remedy: `it has: ${has}`,
    });
  }

  /** What is missing was perhaps removed by a collector that took whoever reads for dead, or the restore point was forgotten: then that is the failure. */
  async #whyLost(failure: unknown, point: string, session: ReadSession, call: Call): Promise<unknown> {
    if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) return failure;
    try {
      if (await session.isGivenUp(call)) {
        return new HoldfastError(
          'LEASE_LOST',
          `reading restore point ${point} was silent for so long that a collector went on without it`,
          {
            remedy: 'try again',
            cause: failure,
          },
        );
      }
      await this.#points.find(point, call);
    } catch (why) {
      if (isHoldfastError(why, 'POINT_NOT_FOUND')) return why;
    }
    return failure;
  }

  /** Lists packs under the lease that is held; once is enough for many reads of one restore point. */
  async #list(listed: Set<string>, point: string | null, call: Call): Promise<void> {
    if (point !== null && listed.has(point)) return;
    await this.#parts.plane.refresh(call);
    if (point !== null) listed.add(point);
  }
}
