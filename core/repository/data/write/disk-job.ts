import type { Call, DiskSource } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { DiskContents } from '../../disk-contents.ts';
import type { Suite } from '../../suite.ts';
import type { UnitReport } from '../lanes/protocol.ts';
import { RootHash } from '../map/root-hash.ts';
import { SegmentIds, Segments } from './segments.ts';
import type { Team } from './team.ts';
import type { WorkList } from './work-list.ts';

/** Units of one round: enough to keep all threads busy, and few enough to be listed. */
const ROUND_UNITS = 65_536;

/** Reads a disk into the repository: hands out its parts and puts together what comes back, until all of it is durable or in open packs. */
export class DiskJob {
  readonly #team: Team;
  readonly #from: DiskSource;
  readonly #suite: Suite;
  readonly #segments: Segments;
  readonly #ids: SegmentIds;
  readonly #root = new RootHash();
  readonly #work: WorkList;
  /** One byte for each unit: 1 while it is to be read and has not come in. */
  readonly #left: Uint8Array;
  /** Segments by the packs that they need, of packs that are not durable yet. */
  readonly #needs = new Map<number, Set<number>>();
  readonly #storing = new Set<Promise<void>>();
  /** Segment lists that wait for the ones before them to be summed up. */
  readonly #unsummed = new Map<number, Uint8Array>();
  #summed = 0;

  constructor(team: Team, suite: Suite, from: DiskSource, work: WorkList) {
    this.#team = team;
    this.#suite = suite;
    this.#from = from;
    this.#segments = new Segments(from.sizeBytes, suite.segmentBytes, work.unitBytes);
    this.#ids = new SegmentIds(this.#segments.count);
    this.#work = work;
    this.#left = work.wanted.slice();
  }

  /** @throws What stopped the team. */
  async run(limit: number, call: Call): Promise<DiskContents> {
    this.#team.events = {
      units: (report) => this.#take(report),
      durable: (pack) => void this.#needs.delete(pack),
      lost: (pack) => this.#lose(pack),
    };
    try {
      await this.#readAll(limit, call);
      const map = await this.#storePages(limit, call);
      this.#sumUp();
      return {
        sizeBytes: this.#from.sizeBytes,
        segmentBytes: this.#suite.segmentBytes,
        map,
        chunks: this.#root.chunks,
        dataBytes: this.#root.dataBytes,
        root: this.#root.digest(),
      };
    } finally {
      this.#team.events = null;
    }
  }

  async #readAll(limit: number, call: Call): Promise<void> {
    for (;;) {
      const units = this.#nextUnits();
      const isCrowded =
        units.length > 0 &&
        (await this.#team.round({
          writer: this.#team.number,
          from: this.#from,
          units,
          limit,
          tracked: this.#work.tracked,
        }));
      while (this.#storing.size > 0) await Promise.all(this.#storing);
      this.#assertWell();
      if (isCrowded) {
        await this.#team.turn(call);
        this.#needs.clear();
      }
      if (units.length === 0) await this.#team.shipper.settled();
      this.#assertWell();
      if (units.length === 0 && this.#nextUnits().length === 0) return;
    }
  }

  #nextUnits(): Uint32Array {
    const found = new Uint32Array(new SharedArrayBuffer(Math.min(ROUND_UNITS, this.#left.length) * 4));
    let count = 0;
    for (let at = this.#left.indexOf(1); at >= 0 && count < found.length; at = this.#left.indexOf(1, at + 1)) {
      found[count++] = at;
    }
    return found.subarray(0, count);
  }

  #take(report: UnitReport): void {
    const touched = new Set(report.units.map((unit) => this.#segments.segmentOf(unit)));
    for (const [i, unit] of report.units.entries()) {
      this.#left[unit] = 0;
      const segment = this.#segments.segmentOf(unit);
      const list = this.#segments.add(unit, report.lists[i] ?? new Uint8Array(0), this.#wantedOf(segment));
      if (list !== null) this.#finish(segment, list);
    }
    for (const segment of touched) this.#need(report.packs, segment);
  }

  #wantedOf(segment: number): number {
    const [first, end] = this.#segments.unitsOf(segment);
    let count = 0;
    for (let unit = first; unit < end; unit++) count += this.#work.wanted[unit] ?? 0;
    return count;
  }

  #finish(segment: number, list: Uint8Array): void {
    const storing = this.#storeList(segment, list)
      .catch((cause: unknown) => this.#team.fail(cause))
      .finally(() => this.#storing.delete(storing));
    this.#storing.add(storing);
  }

  async #storeList(segment: number, list: Uint8Array): Promise<void> {
    let id: Uint8Array = new Uint8Array(32);
    if (list.length > 0) {
      const stored = await this.#team.store(list);
      id = stored.id;
      this.#need(stored.packs, segment);
    }
    if (segment < this.#summed) this.#assertSame(segment, id);
    else this.#unsummed.set(segment, list);
    this.#ids.set(segment, id);
    this.#sumUp();
  }

  /** A segment that was read twice must have been the same both times, or the disk changed under our hands. */
  #assertSame(segment: number, id: Uint8Array): void {
    if (Buffer.compare(this.#ids.get(segment), id) === 0) return;
    const offset = segment * this.#suite.segmentBytes;
    throw new HoldfastError('DISK_CHANGED', `the disk changed while it was read, at ${offset}`, { facts: { offset } });
  }

  /** Sums up the segments that are complete, in order; those without data at once. */
  #sumUp(): void {
    for (; this.#summed < this.#segments.count; this.#summed++) {
      const list = this.#unsummed.get(this.#summed);
      if (list === undefined) {
        if (this.#wantedOf(this.#summed) > 0) return;
        continue;
      }
      this.#root.add(list, this.#summed * this.#suite.segmentBytes);
      this.#unsummed.delete(this.#summed);
    }
  }

  /** Notes what a segment needs. A pack may have got lost while the news was on its way: then the segment is read once more at once. */
  #need(packs: readonly number[], segment: number): void {
    for (const pack of packs) {
      if (this.#team.isLost(pack)) this.#again(segment);
      else this.#needs.set(pack, (this.#needs.get(pack) ?? new Set()).add(segment));
    }
  }

  #lose(pack: number): void {
    const segments = this.#needs.get(pack);
    this.#needs.delete(pack);
    for (const segment of segments ?? []) this.#again(segment);
  }

  /** Something that a segment needs is lost: it is read once more. */
  #again(segment: number): void {
    this.#segments.forget(segment);
    const [first, end] = this.#segments.unitsOf(segment);
    for (let unit = first; unit < end; unit++) this.#left[unit] = this.#work.wanted[unit] ?? 0;
  }

  async #storePages(limit: number, call: Call): Promise<string[]> {
    for (;;) {
      const map: string[] = [];
      const needs = new Set<number>();
      for (let page = 0; page < this.#ids.pages; page++) {
        const stored = await this.#team.store(Uint8Array.from(this.#ids.page(page)));
        for (const pack of stored.packs) needs.add(pack);
        map.push(Buffer.from(stored.id).toString('hex'));
      }
      await this.#team.shipper.settled();
      this.#assertWell();
      if (this.#left.includes(1)) await this.#readAll(limit, call);
      else if (![...needs].some((pack) => this.#team.isLost(pack))) {
        this.#team.pledge(needs);
        this.#team.pledge(this.#needs.keys());
        return map;
      }
    }
  }

  #assertWell(): void {
    if (this.#team.failure !== null) throw this.#team.failure;
  }
}
