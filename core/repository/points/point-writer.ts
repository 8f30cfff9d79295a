import {
  type Call,
  type DiskSource,
  HoldfastError,
  isHoldfastError,
  type MoveOptions,
  type MoveResult,
  type PointMeta,
  type PointRef,
  type PointSummary,
  throwIfCancelled,
} from '@holdfast/api';
import type { PointWriter } from '../contract.ts';
import type { DataWriter } from '../data-plane.ts';
import type { DiskContents } from '../disk-contents.ts';
import type { Documents } from '../documents/documents.ts';
import { manifestName, randomId } from '../documents/names.ts';
import { putLandings } from '../landing/landings.ts';
import type { Lease } from '../leases/lease.ts';
import type { Committed } from './commit-document.ts';
import { commitPoint } from './commit-point.ts';
import { type Manifest, type ManifestDisk, parseManifest } from './manifest.ts';
import type { PointList } from './point-list.ts';
import { newestOfEach } from './point-order.ts';

/** What a writer works with. */
export interface WriterParts {
  readonly target: string;
  readonly machine: { readonly endpoint: string; readonly id: string };
  /** Folder of the machine's manifests. */
  readonly folder: string;
  readonly lease: Lease;
  readonly data: DataWriter;
  readonly documents: Documents;
  readonly points: PointList;
  readonly now: () => number;
}

/** After a commit that failed only `abandon` is left: what it has put may or may not be there. */
type State = 'open' | 'committing' | 'committed' | 'failed' | 'abandoned';

/** Writes one restore point. Nothing of it is visible before `commit`. */
export class LeasedPointWriter implements PointWriter {
  readonly id: string;
  readonly #parts: WriterParts;
  readonly #over: () => void;
  readonly #disks = new Map<string, DiskContents | 'being written'>();
  #state: State = 'open';
  #committing: Promise<void> = Promise.resolve();

  /** @param over Called once, when the writer has been committed or abandoned. */
  constructor(parts: WriterParts, over: () => void) {
    this.id = parts.lease.id;
    this.#parts = parts;
    this.#over = over;
  }

  async write(disk: string, from: DiskSource, how: MoveOptions, call: Call): Promise<MoveResult> {
    this.#assertOpen();
    this.#parts.lease.assertHeld();
    if (this.#disks.has(disk)) throw new Error(`disk ${disk} is written twice into one restore point`);
    this.#disks.set(disk, 'being written');
    try {
      const { base, options } = await this.#startingFrom(disk, from, how, call);
      const { contents, moved } = await this.#parts.data.writeDisk(from, base, options, call);
      this.#disks.set(disk, contents);
      return moved;
    } catch (failure) {
      // Chunks that are stored already are found again when the caller tries once more.
      this.#disks.delete(disk);
      throw failure;
    }
  }

  async commit(meta: PointMeta, call: Call): Promise<PointRef> {
    this.#assertOpen();
    this.#parts.lease.assertHeld();
    throwIfCancelled(call.signal, 'the commit');
    const { target, machine, lease } = this.#parts;
    if (meta.endpoint !== machine.endpoint || meta.machine.id !== machine.id) {
      throw new Error(`the writer ${this.id} was begun for another machine than ${meta.machine.id}`);
    }
    const disks = meta.disks.map((disk) => ({ ...disk, ...this.#contentsOf(disk.key, disk.sizeBytes) }));
    this.#state = 'committing';
    const committing = this.#commit(meta, disks, call);
    this.#committing = committing.then(
      () => {
        this.#state = 'committed';
      },
      () => {
        this.#state = 'failed';
      },
    );
    await committing;
    this.#over();
    await lease.end(call);
    return { target, point: this.id, machine: machine.id, takenAt: Math.round(meta.takenAt) };
  }

  async abandon(call: Call): Promise<void> {
    await this.#committing;
    if (this.#state === 'committed' || this.#state === 'abandoned') return;
    this.#state = 'abandoned';
    this.#over();
    try {
      await this.#parts.data.abandon();
    } finally {
      await this.#parts.lease.end(call);
    }
  }

  async #commit(meta: PointMeta, disks: readonly ManifestDisk[], call: Call): Promise<void> {
    const { lease, data, documents, folder, now } = this.#parts;
    const { runs, landed, storedBytes } = await data.flush(call);
    await putLandings(documents, this.id, landed, now(), call);
    const name = manifestName(folder, randomId());
    const manifest = this.#manifest({
      version: 1,
      point: this.id,
      previous: await this.#previous(call),
      endpoint: meta.endpoint,
      machine: meta.machine,
      takenAt: Math.round(meta.takenAt),
      consistency: meta.consistency,
      frozenMs: Math.round(meta.frozenMs),
      run: meta.run,
      writtenAt: now(),
      storedBytes,
      disks,
    });
    const sealed = documents.seal(name, manifest);
    await lease.stopRenewing();
    throwIfCancelled(call.signal, 'the commit');
    const commit: Committed = {
      version: 1,
      lease: this.id,
      state: 'committed',
      manifest: name,
      sha256: sealed.sha256,
      runs,
      committedAt: now(),
    };
    await commitPoint(documents, sealed, commit, call);
  }

  /** What lies beside the extents: the disk as it was in the point named; for what is not known the whole disk is read. */
  async #startingFrom(
    disk: string,
    from: DiskSource,
    how: MoveOptions,
    call: Call,
  ): Promise<{ readonly base: DiskContents | null; readonly options: MoveOptions }> {
    const { extents, base, ...whole } = how;
    if (extents === undefined || base === undefined) return { base: null, options: whole };
    const options = { ...whole, extents };
    if (base === null) return { base: null, options };
    const { machine } = this.#parts;
    const known = await this.#base(disk, base, call);
    if (known === null) return { base: null, options: whole };
    const { summary, before } = known;
    const isOurs = summary.endpoint === machine.endpoint && summary.machine === machine.id;
    if (isOurs && before?.sizeBytes === from.sizeBytes) return { base: before, options };
    const why = isOurs ? 'has not the size that it had in' : 'is not one of those in';
    call.log('info', `disk ${disk} ${why} restore point ${base}: it is read in full`);
    return { base: null, options: whole };
  }

  /** The restore point that the changes are counted from, with the disk in it; `null` when it can no longer be read. */
  async #base(
    disk: string,
    base: string,
    call: Call,
  ): Promise<{ readonly summary: PointSummary; readonly before: DiskContents | undefined } | null> {
    const { points } = this.#parts;
    try {
      const record = await points.find(base, call);
      const { disks } = await points.manifest(record, call);
      return { summary: record.summary, before: disks.find((other) => other.key === disk) };
    } catch (failure) {
      // `OBJECT_NOT_FOUND`: its commit is there and its manifest is not.
      const isLost = isHoldfastError(failure, 'REPOSITORY_DAMAGED') || isHoldfastError(failure, 'OBJECT_NOT_FOUND');
      if (!isLost) throw failure;
      call.log('warn', `disk ${disk} is read in full, for restore point ${base} cannot be read: ${failure.message}`);
      return null;
    }
  }

  #contentsOf(key: string, sizeBytes: number): DiskContents {
    const contents = this.#disks.get(key);
    if (contents === undefined || contents === 'being written') {
      throw new Error(`disk ${key} is in the restore point but has not been written`);
    }
    if (contents.sizeBytes !== sizeBytes) {
      throw new HoldfastError('DISK_CHANGED', `disk ${key} was ${contents.sizeBytes} bytes, not ${sizeBytes}`);
    }
    return contents;
  }

  /** A manifest that could not be read back must not be committed. */
  #manifest(manifest: Manifest): Manifest {
    return parseManifest(JSON.parse(JSON.stringify(manifest)), `the manifest of ${this.id}`);
  }

  async #previous(call: Call): Promise<Manifest['previous']> {
    const { endpoint, id } = this.#parts.machine;
    const { points } = await this.#parts.points.list(call);
    const ours = points.filter(({ summary }) => summary.endpoint === endpoint && summary.machine === id);
    const [newest] = newestOfEach(ours).values();
    return newest === undefined ? null : { name: newest.commit.manifest, sha256: newest.commit.sha256 };
  }

  #assertOpen(): void {
    if (this.#state !== 'open') throw new Error(`the writer ${this.id} is ${this.#state}`);
  }
}
