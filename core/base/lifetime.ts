import { begun, ended } from './leak-watch.ts';

/** Anything that gives itself back through `using` or `await using`. */
export type Owned = Disposable | AsyncDisposable;

type GiveBack = () => void | PromiseLike<void>;

const giveBackOf = (thing: Owned): GiveBack => {
  if (Symbol.asyncDispose in thing) return () => thing[Symbol.asyncDispose]();
  return () => thing[Symbol.dispose]();
};

/**
 * Owns things that must be given back. At its end they go one after another, last in first out, each awaited before the next;
 * one that fails does not keep the others from going.
 *
 * Unlike `AsyncDisposableStack` it has a name, can give a single thing back early, can be ended by several callers at once (all wait for
 * the same end), takes care of things that arrive too late, and is seen by `withoutLeaks`.
 */
export class Lifetime implements AsyncDisposable {
  readonly name: string;
  readonly #owned = new Map<unknown, GiveBack>();
  readonly #late: Promise<void>[] = [];
  #end: Promise<void> | null = null;

  /** @param name What this is the life of, for example `catalog`; for leak reports. */
  constructor(name: string) {
    this.name = name;
    begun(this);
  }

  /** Whether `end` has been called. */
  get isEnded(): boolean {
    return this.#end !== null;
  }

  /**
   * Takes a thing into ownership and answers it. Owning the same thing again changes nothing.
   * After the end the thing is given back at once and this throws, so that a race between opening and ending leaks nothing.
   */
  own<T extends Owned>(thing: T): T {
    this.#add(thing, giveBackOf(thing));
    return thing;
  }

  /** Does something at the end. After the end it is done at once and this throws. */
  defer(giveBack: GiveBack): void {
    this.#add(giveBack, giveBack);
  }

  /** A lifetime within this one: it ends with this one or before. */
  within(name: string): Lifetime {
    const inner = this.own(new Lifetime(`${this.name}/${name}`));
    inner.defer(() => void this.#owned.delete(inner));
    return inner;
  }

  /** Gives one owned thing back now; a thing that is not owned (any more) is left alone. */
  async release(thing: Owned): Promise<void> {
    const giveBack = this.#owned.get(thing);
    this.#owned.delete(thing);
    await giveBack?.();
  }

  /** Gives everything back. Idempotent. When several things fail, throws an `AggregateError` of all; when one fails, its error. */
  end(): Promise<void> {
    this.#end ??= this.#giveAllBack();
    return this.#end;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  #add(key: unknown, giveBack: GiveBack): void {
    if (this.#end === null) {
      if (!this.#owned.has(key)) this.#owned.set(key, giveBack);
      return;
    }
    const gone = (async () => giveBack())();
    gone.catch(() => {});
    this.#late.push(gone);
    throw new Error(`${this.name} has ended and can own nothing more`);
  }

  async #giveAllBack(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = async (giveBack: GiveBack): Promise<void> => {
      try {
        await giveBack();
      } catch (failure) {
        failures.push(failure);
      }
    };
    for (const [key, giveBack] of [...this.#owned].reverse()) {
      // One that went early while others were going is not given back twice.
      if (this.#owned.delete(key)) await attempt(giveBack);
    }
    for (const gone of this.#late) await attempt(() => gone);
    ended(this);
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, `${this.name} could not give everything back`);
  }
}
