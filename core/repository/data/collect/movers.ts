import { HoldfastError } from '@holdfast/api';
import type { ThreadHandlers } from '../lanes/thread-pool.ts';
import { fetchPack, locatePack } from '../packs/pack-serving.ts';
import type { MovedPack, MoverWish, SourceWish } from './move-protocol.ts';
import type { RecordMover } from './record-mover.ts';

/** The movers at work in this process: what threads ask on their behalf gets to the right one. */
export class Movers {
  readonly #movers = new Map<number, RecordMover>();
  #last = 0;

  /** A number that no other mover has had. */
  next(): number {
    return ++this.#last;
  }

  add(mover: RecordMover): void {
    this.#movers.set(mover.number, mover);
  }

  remove(mover: RecordMover): void {
    this.#movers.delete(mover.number);
  }

  /** What threads may ask for and say. */
  handlers(): ThreadHandlers {
    return {
      'move.memory': ({ mover, plainBytes }: MoverWish) => this.#get(mover).grant(plainBytes),
      'move.pack': (pack: MovedPack) => this.#movers.get(pack.mover)?.ship(pack),
      'move.locate': ({ mover, pack }: SourceWish) => {
        const { store, listing } = this.#get(mover).foreignSource;
        return locatePack(store, listing, pack);
      },
      'move.fetch': ({ mover, pack, offset, length }: SourceWish) =>
        fetchPack(this.#get(mover).foreignSource.store, pack, offset, length),
    };
  }

  #get(number: number): RecordMover {
    const mover = this.#movers.get(number);
    if (mover === undefined) throw new HoldfastError('CANCELLED', 'moving records has ended');
    return mover;
  }
}
