import { randomBytes } from 'node:crypto';
import type { SharedIndex } from '../index/index-view.ts';
import { IndexView } from '../index/index-view.ts';
import { monotonicNs } from '../lanes/monotonic.ts';
import { type PackGrant, type PackReport, SUMS, type WriteSetup } from '../lanes/protocol.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import type { Wire } from '../lanes/wire.ts';
import type { IdTable } from '../table/id-table.ts';
import { openCompressor } from '../zstd/compressor.ts';
import { ChunkStore } from './chunk-store.ts';

/** Stores chunks in one pack after the other; full ones go to the main thread. */
export class PackFiller {
  readonly #wire: Wire;
  readonly #writer: number;
  readonly #lease: string;
  readonly #sums: BigInt64Array;
  readonly #store: ChunkStore;
  #run: number;
  #newPack: Promise<void> | null = null;

  constructor(context: ThreadContext, wire: Wire, setup: WriteSetup, table: IdTable, sums: BigInt64Array) {
    this.#wire = wire;
    this.#writer = setup.writer;
    this.#lease = setup.lease;
    this.#run = setup.run;
    this.#sums = sums;
    const parts = {
      hash: context.hash,
      keys: context.keys,
      compress: openCompressor(context.level, context.suite.chunker.maximumBytes),
      dedupe: setup.dedupe,
      table,
      states: new Int32Array(setup.states),
      sums,
    };
    this.#store = new ChunkStore(parts, new IndexView(setup.index));
  }

  /** A new index run begins: the table has been emptied. */
  turn(run: number, index: SharedIndex): void {
    this.#run = run;
    this.#store.setIndex(new IndexView(index));
  }

  idOf(plain: Uint8Array): Uint8Array {
    return this.#store.idOf(plain);
  }

  /** Whether a chunk is there; if so `needs` gets the pack that holds it, unless that is durable. */
  has(id: Uint8Array, needs: Set<number>): boolean {
    return this.#store.has(id, needs);
  }

  /** A chunk that the index knows cannot be read: when it comes again it is stored. */
  distrust(id: Uint8Array): void {
    this.#store.distrust(id);
  }

  /**
   * Stores a chunk unless it is there. Answers its id; `needs` gets the pack that holds it, unless that is durable.
   * @param isData Whether it is data of a disk; or a part of a disk map.
   */
  async put(plain: Uint8Array, needs: Set<number>, isData: boolean): Promise<Uint8Array> {
    const id = this.#store.idOf(plain);
    while (!this.#store.put(id, plain, needs, isData)) {
      this.#newPack ??= this.#beginPack(plain.length).finally(() => {
        this.#newPack = null;
      });
      await this.#newPack;
    }
    return id;
  }

  /** Hands over the open pack, however full it is. */
  seal(): void {
    const done = this.#store.seal();
    if (done === null) return;
    const { number, generation, sealed } = done;
    const { pack, memory, length, list } = sealed;
    const report: PackReport = { writer: this.#writer, number, pack, generation, memory, length, list };
    this.#wire.tell('pack', report, [memory]);
  }

  /** Throws the open pack away. */
  drop(): void {
    this.#store.seal()?.sealed.memory.transfer(0);
  }

  /** Waits here when the target is slower than this thread: memory comes back when a pack is durable. */
  async #beginPack(plainBytes: number): Promise<void> {
    this.seal();
    const began = monotonicNs();
    const { memory, number } = await this.#wire.ask<PackGrant>('memory', { writer: this.#writer, plainBytes });
    Atomics.add(this.#sums, SUMS.targetNs, monotonicNs() - began);
    this.#store.begin(this.#lease, this.#run, randomBytes(16).toString('hex'), number, memory);
  }
}
