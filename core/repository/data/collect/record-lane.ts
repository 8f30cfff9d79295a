import { randomBytes } from 'node:crypto';
import { HoldfastError, isHoldfastError } from '../../../api/errors.ts';
import { DerivedKeys } from '../hash/derived-keys.ts';
import { type Finish, type FinishedRecord, openFinish } from '../landing/finish-record.ts';
import type { PackGrant } from '../lanes/protocol.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import type { Wire } from '../lanes/wire.ts';
import { ID_BYTES, type PackEntry, RECORD_OVERHEAD } from '../packs/format.ts';
import { openRecord } from '../packs/open-record.ts';
import { newScratch, type OpenPack, PackAccess } from '../packs/pack-access.ts';
import { PackBuilder } from '../packs/pack-builder.ts';
import { readPackList } from '../packs/pack-list.ts';
import { release } from '../packs/release.ts';
import { keepPace } from '../write/pace.ts';
import type { MovedPack, MoveReport, MoveSetup, ThreadOrder } from './move-protocol.ts';

const MOST_READ = 4 * 1024 * 1024;
const MOST_GAP = 128 * 1024;

/** A record of the pack that is read, with its number, which its nonce is made of. */
interface Numbered {
  readonly number: number;
  readonly entry: PackEntry;
}

/**
 * A thread's part in moving records: opens them with the key of their pack and seals them into packs of its own, as they were compressed. Those of
 * another repository are decompressed once to be hashed.
 */
export class RecordLane {
  readonly #context: ThreadContext;
  readonly #wire: Wire;
  readonly #setup: MoveSetup;
  readonly #packs: PackAccess;
  readonly #scratch = newScratch();
  readonly #control: Int32Array;
  readonly #sums: BigInt64Array;
  readonly #finish: Finish | null;
  #run: number;
  #builder: PackBuilder | null = null;
  #number = -1;
  /** Room for the longest chunk so far. */
  #plain: Buffer = Buffer.alloc(0);
  #last: Promise<unknown> = Promise.resolve();

  constructor(context: ThreadContext, wire: Wire, setup: MoveSetup) {
    this.#context = context;
    this.#wire = wire;
    this.#setup = setup;
    this.#run = setup.run;
    this.#control = new Int32Array(setup.control);
    this.#sums = new BigInt64Array(setup.sums);
    this.#finish = setup.finish ? openFinish(context) : null;
    const { mover, source } = setup;
    this.#packs =
      source === null
        ? context.packs
        : new PackAccess(new DerivedKeys(source.suite, source.secrets), {
            locate: (pack) => wire.ask('move.locate', { mover, pack, offset: 0, length: 0 }),
            fetch: (pack, offset, length) => wire.ask('move.fetch', { mover, pack, offset, length }),
          });
  }

  /** Does one order after another, for they share the open pack. */
  move(order: ThreadOrder): Promise<MoveReport> {
    const mine = this.#last.then(() => this.#move(order));
    this.#last = mine.catch(() => {});
    return mine;
  }

  /** Hands over the open pack, however full it is; later packs belong to this index run. */
  turn(run: number): void {
    this.#seal();
    this.#run = run;
  }

  /** Throws the open pack away and closes what is open. */
  end(): void {
    this.#builder?.seal().memory.transfer(0);
    this.#builder = null;
    this.#packs.forgetAll();
  }

  async #move({ pack, ids, checkOnly }: ThreadOrder): Promise<MoveReport> {
    const wanted = ids === null ? null : keysOf(ids);
    using opened = await this.#packs.openAnew(pack);
    if (opened === null) return nothing(pack, ids ?? new Uint8Array(0));
    const { entries, footerDamage } = await readPackList(opened);
    const chosen: Numbered[] = [];
    for (const [number, entry] of entries.entries()) {
      if (wanted === null || wanted.delete(keyOf(entry.id))) chosen.push({ number, entry });
    }
    // What was wanted and is not on the list.
    const lost: Buffer[] = [...(wanted ?? [])].map((key) => Buffer.from(key, 'latin1'));
    let moved = 0;
    let movedBytes = 0;
    for (const group of coalesce(chosen)) {
      const whole = await this.#readGroup(opened, group, checkOnly, lost);
      moved += whole.moved;
      movedBytes += whole.movedBytes;
    }
    const lostIds = Uint8Array.from(Buffer.concat(lost));
    return { pack, isThere: true, isListWhole: footerDamage === null, moved, movedBytes, lost: lostIds };
  }

  async #readGroup(
    pack: OpenPack,
    group: readonly Numbered[],
    checkOnly: boolean,
    lost: Buffer[],
  ): Promise<{ readonly moved: number; readonly movedBytes: number }> {
    const at = (group[0] as Numbered).entry.offset;
    const end = endOf(group[group.length - 1] as Numbered);
    if (!(await keepPace(end - at, this.#setup.limit, this.#control, this.#sums))) throw stopped();
    const slab = await readOrNull(() => pack.read(at, end - at, this.#scratch));
    let moved = 0;
    let movedBytes = 0;
    for (const one of group) {
      const { entry, number } = one;
      const length = endOf(one) - entry.offset;
      // Where a device gives up on a stretch, it may still give some of the records in it.
      const sealed =
        slab === null
          ? await readOrNull(() => pack.read(entry.offset, length, this.#scratch))
          : slab.subarray(entry.offset - at, entry.offset - at + length);
      const body = sealed === null ? null : openWhole(pack, number, entry, sealed);
      const finished = body === null || !this.#isWhatItSays(entry, body) ? null : this.#finished(entry, body);
      if (body === null || finished === null) lost.push(Buffer.from(entry.id));
      else {
        if (!checkOnly) await this.#add(finished);
        release(body);
        moved++;
        movedBytes += entry.storedBytes;
      }
    }
    return { moved, movedBytes };
  }

  /**
   * What comes from another repository is hashed before anything here may rely on it: a chunk that is not what its name says would be taken for the
   * real one by every later backup.
   */
  #isWhatItSays({ id, plainBytes, method }: PackEntry, body: Uint8Array): boolean {
    if (this.#setup.source === null) return true;
    if (this.#plain.length < plainBytes) this.#plain = Buffer.allocUnsafeSlow(plainBytes);
    return this.#context.chunks.isChunk(id, plainBytes, method, body, this.#plain);
  }

  #finished({ id, plainBytes, method }: PackEntry, body: Buffer): FinishedRecord | null {
    const record = { id, plainBytes, method, body };
    return this.#finish === null ? record : this.#finish(record);
  }

  async #add({ id, plainBytes, method, body }: FinishedRecord): Promise<void> {
    // What `fits` asks for is room for a chunk of this length; a frame may be a little longer than its chunk.
    const length = Math.max(plainBytes, body.length);
    if (this.#builder?.fits(length) !== true) await this.#begin(length);
    this.#builder?.add(id, plainBytes, method, body);
  }

  /** Waits here when the store is slower than this thread: memory comes back when a pack is durable. */
  async #begin(plainBytes: number): Promise<void> {
    this.#seal();
    const { mover, lease } = this.#setup;
    const { memory, number } = await this.#wire.ask<PackGrant>('move.memory', { mover, plainBytes });
    const { keys } = this.#context;
    const generation = keys.current;
    // A new name for each pack, so a new key for each: the numbers of its records may begin anew.
    const pack = randomBytes(16).toString('hex');
    const key = keys.pack(generation, pack);
    if (key === null) throw new Error(`no master key of generation ${generation}`);
    this.#number = number;
    this.#builder = new PackBuilder({ generation, run: this.#run, pack, lease }, key, memory);
  }

  #seal(): void {
    const builder = this.#builder;
    if (builder === null) return;
    this.#builder = null;
    const { pack, memory, length, list } = builder.seal();
    const { mover } = this.#setup;
    const { generation } = builder.header;
    const report: MovedPack = { mover, number: this.#number, pack, generation, memory, length, list };
    this.#wire.tell('move.pack', report, [memory]);
  }
}

const endOf = ({ entry }: Numbered): number => entry.offset + entry.storedBytes + RECORD_OVERHEAD;

function* coalesce(chosen: readonly Numbered[]): Iterable<readonly Numbered[]> {
  let first = 0;
  for (let next = 1; next <= chosen.length; next++) {
    const after = chosen[next];
    const start = (chosen[first] as Numbered).entry.offset;
    const isNear = after !== undefined && after.entry.offset - endOf(chosen[next - 1] as Numbered) <= MOST_GAP;
    if (isNear && endOf(after) - start <= MOST_READ) continue;
    yield chosen.slice(first, next);
    first = next;
  }
}

/** The body of a record whose header is as the list says and whose tag is right; else `null`. */
function openWhole(pack: OpenPack, number: number, entry: PackEntry, sealed: Buffer): Buffer | null {
  if (sealed.length !== entry.storedBytes + RECORD_OVERHEAD) return null;
  if (!sealed.subarray(0, ID_BYTES).equals(entry.id) || sealed.readUInt32LE(32) !== entry.plainBytes) return null;
  if (sealed.readUInt32LE(36) !== entry.storedBytes || sealed.readUInt32LE(40) !== entry.method) return null;
  for (const key of pack.keys) {
    const body = openRecord(key, number, sealed);
    if (body !== null) return body;
  }
  return null;
}

async function readOrNull(read: () => Buffer | Promise<Buffer>): Promise<Buffer | null> {
  try {
    return await read();
  } catch (cause) {
    const isDevice = cause instanceof Error && 'syscall' in cause && 'code' in cause;
    if (!isDevice && !isHoldfastError(cause, 'TARGET_IO')) throw cause;
    return null;
  }
}

const keyOf = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');

function keysOf(ids: Uint8Array): Set<string> {
  const keys = new Set<string>();
  for (let at = 0; at < ids.length; at += ID_BYTES) keys.add(keyOf(ids.subarray(at, at + ID_BYTES)));
  return keys;
}

function nothing(pack: string, lost: Uint8Array): MoveReport {
  return { pack, isThere: false, isListWhole: false, moved: 0, movedBytes: 0, lost };
}

/** Never seen by anybody: whoever told the threads to stop has said why. */
function stopped(): HoldfastError {
  return new HoldfastError('CANCELLED', 'moving records was stopped');
}
