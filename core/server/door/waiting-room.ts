/** A connection that has not logged in. */
export interface Waiting {
  /** What counts as its address. */
  readonly address: string;
  /** How far it has come: 0 nothing said, 1 said what it is, 2 keys exchanged, 3 first factor given. */
  stage: number;
  /** Whether it has tried and failed. */
  hasFailed: boolean;
  /** Ends it to make room. */
  evict(): void;
}

const mostLingering = 1024;

/**
 * Connections that have not logged in: so many of an address, so many in all. When it is full a newcomer is let in and another has to go: one that has
 * failed, else the one that has come least far, else the oldest. Silent sockets and guessers so never keep out whoever has a key.
 */
export class WaitingRoom {
  readonly #waiting = new Set<Waiting>();
  readonly #perAddress: number;
  readonly #inAll: number;

  constructor(limits: { readonly waitingPerAddress: number; readonly waiting: number }) {
    this.#perAddress = limits.waitingPerAddress;
    this.#inAll = limits.waiting;
  }

  #lingering = 0;

  /** For one that was sent away and is not closed yet; what is answered says that it is. `null` when there are too many of them. */
  linger(): (() => void) | null {
    if (this.#lingering >= mostLingering) return null;
    this.#lingering += 1;
    return () => {
      this.#lingering -= 1;
    };
  }

  get size(): number {
    return this.#waiting.size;
  }

  enter(newcomer: Waiting): void {
    const ofAddress = [...this.#waiting].filter(({ address }) => address === newcomer.address);
    if (ofAddress.length >= this.#perAddress) this.#evictOneOf(ofAddress);
    else if (this.#waiting.size >= this.#inAll) this.#evictOneOf([...this.#waiting]);
    this.#waiting.add(newcomer);
  }

  leave(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }

  #evictOneOf(candidates: readonly Waiting[]): void {
    const counts = new Map<string, number>();
    for (const { address } of candidates) counts.set(address, (counts.get(address) ?? 0) + 1);
    const crowd = (one: Waiting): number => counts.get(one.address) ?? 0;
    // The set keeps the order of arrival and sorting is stable: among equals the oldest goes.
    const [first] = candidates.toSorted(
      (a, b) => Number(b.hasFailed) - Number(a.hasFailed) || a.stage - b.stage || crowd(b) - crowd(a),
    );
    if (first === undefined) return;
    this.#waiting.delete(first);
    first.evict();
  }
}
