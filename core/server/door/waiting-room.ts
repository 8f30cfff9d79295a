/** A connection that has not logged in. */
export interface Waiting {
  /** What counts as its address. */
  readonly address: string;
  /** How far it has come: 0 nothing said, 1 said what it is, 2 keys exchanged, 3 first factor given. */
  stage: number;
  /** Whether it has tried and failed. */
  hasFailed: boolean;
  /** When it last came further, in milliseconds; absent: never. */
  movedAt?: number;
  /** Ends it to make room. */
  evict(): void;
  /** It has a place: it is listened to from now on. */
  admitted?(): void;
}

const mostLingering = 1024;
/** Newcomers that wait for a place at the door; beyond them the oldest has to go. */
const mostOutside = 256;
/** Whoever has not come further for so long is not on the way to log in, in milliseconds. */
const stuckMs = 2_000;
const lookMs = 250;

/**
 * Connections that have not logged in: so many of an address, so many in all. When it is full a newcomer is let in and another has to go: one that has
 * failed, else one that has said nothing, the oldest first. Where all others are on their way to log in nobody is sent away: the newcomer is not listened to
 * until one of them has failed or is in. Silent sockets and guessers so never keep out whoever has a key.
 */
export class WaitingRoom {
  readonly #waiting = new Set<Waiting>();
  /** In order of arrival. */
  readonly #outside = new Set<Waiting>();
  readonly #now: () => number;
  #looking: NodeJS.Timeout | null = null;
  readonly #perAddress: number;
  readonly #inAll: number;

  constructor(limits: { readonly waitingPerAddress: number; readonly waiting: number }, now: () => number) {
    this.#now = now;
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
    if (this.#letIn(newcomer)) return;
    this.#outside.add(newcomer);
    this.#looking ??= setInterval(() => this.moved(), lookMs).unref();
    const [oldest] = this.#outside;
    if (this.#outside.size <= mostOutside || oldest === undefined) return;
    this.#outside.delete(oldest);
    oldest.evict();
  }

  leave(waiting: Waiting): void {
    this.#outside.delete(waiting);
    if (this.#waiting.delete(waiting)) this.moved();
  }

  /** One has failed or gone: there may be a place for who waits outside. */
  moved(): void {
    for (const one of this.#outside) if (this.#letIn(one)) this.#outside.delete(one);
    if (this.#outside.size > 0 || this.#looking === null) return;
    clearInterval(this.#looking);
    this.#looking = null;
  }

  /** Answers whether there was a place for it, or one could be made. */
  #letIn(newcomer: Waiting): boolean {
    const ofAddress = [...this.#waiting].filter(({ address }) => address === newcomer.address);
    if (ofAddress.length >= this.#perAddress && !this.#evictOneOf(ofAddress)) return false;
    if (this.#waiting.size >= this.#inAll && !this.#evictOneOf([...this.#waiting])) return false;
    this.#waiting.add(newcomer);
    newcomer.admitted?.();
    return true;
  }

  #evictOneOf(everybody: readonly Waiting[]): boolean {
    const candidates = everybody.filter(
      ({ hasFailed, stage, movedAt = 0 }) => hasFailed || stage === 0 || this.#now() - movedAt > stuckMs,
    );
    const counts = new Map<string, number>();
    for (const { address } of everybody) counts.set(address, (counts.get(address) ?? 0) + 1);
    const crowd = (one: Waiting): number => counts.get(one.address) ?? 0;
    // The set keeps the order of arrival and sorting is stable: among equals the oldest goes.
    const [first] = candidates.toSorted(
      (a, b) => Number(b.hasFailed) - Number(a.hasFailed) || a.stage - b.stage || crowd(b) - crowd(a),
    );
    if (first === undefined) return false;
    this.#waiting.delete(first);
    first.evict();
    return true;
  }
}
