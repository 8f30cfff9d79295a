import type { Slot } from '@holdfast/api';
import { cancelled, HoldfastError } from '@holdfast/api';
import { systemClock } from '../../base/clock.ts';
import type { Catalog, Lease } from '../../catalog/contract.ts';
import { defaultSlots, type Timing } from '../deps.ts';
import type { Heartbeat, Kept } from './heartbeat.ts';

/** Slots that a run holds. They live on with its heartbeat, and none outlives it. */
export class RunSlots {
  readonly #catalog: Catalog;
  readonly #capacities: Readonly<Record<string, number>>;
  readonly #holder: string;
  readonly #timing: Timing;
  readonly #now: () => number;
  readonly #heartbeat: Heartbeat;
  readonly #isPatient: boolean;
  /** What is held, each with the index of the step that took it. */
  readonly #held = new Map<Kept, number>();

  /** @param isPatient Whether a run that holds no slot yet waits for its first as long as it takes: nobody sits in front of it, and it stands in nobody's way. */
  constructor(
    catalog: Catalog,
    capacities: Readonly<Record<string, number>>,
    holder: string,
    timing: Timing,
    now: () => number,
    heartbeat: Heartbeat,
    isPatient = false,
  ) {
    this.#catalog = catalog;
    this.#capacities = capacities;
    this.#holder = holder;
    this.#timing = timing;
    this.#now = now;
    this.#heartbeat = heartbeat;
    this.#isPatient = isPatient;
  }

  /**
   * Waits for a slot. @throws `SLOT_UNAVAILABLE` when none came free in time, `CANCELLED`.
   * @param step Index of the step that wants it.
   * @param waiting Is told once when it has to wait.
   */
  async take(name: string, step: number, signal: AbortSignal, waiting: (capacity: number) => void): Promise<Slot> {
    const capacity = this.capacityOf(name);
    const waitsOn = this.#isPatient && this.#held.size === 0;
    const giveUpAt = waitsOn ? Number.POSITIVE_INFINITY : this.#now() + this.#timing.slotWaitMs;
    let hasTold = false;
    for (;;) {
      if (signal.aborted) throw cancelled(`waiting for a slot of ${name}`);
      const lease = await this.#catalog.leases.takeSlot(name, capacity, this.#holder, this.#timing.leaseMs);
      if (lease !== null) return this.#hold(lease, step);
      if (!hasTold) waiting(capacity);
      hasTold = true;
      if (this.#now() >= giveUpAt)
        throw new HoldfastError('SLOT_UNAVAILABLE', `all ${capacity} slots of ${name} stayed taken`, {
          facts: { slot: name, capacity },
        });
      await systemClock.sleep(this.#timing.pollMs, signal);
    }
  }

  /** How many there are: as configured for the very name, for what stands before the slash (the endpoint), or for its kind (before the colon). */
  capacityOf(name: string): number {
    const kind = name.slice(0, Math.max(0, name.indexOf(':')));
    const [wide = name] = name.split('/', 1);
    for (const key of [name, wide, kind])
      if (Object.hasOwn(this.#capacities, key)) return this.#capacities[key] ?? defaultSlots;
    return defaultSlots;
  }

  /** Gives back all that a step took; absent: all that any did. The last taken goes first. */
  async releaseAll(step?: number): Promise<void> {
    for (const [kept, taker] of [...this.#held].reverse())
      if (step === undefined || taker === step) await this.#release(kept);
  }

  #hold(lease: Lease, step: number): Slot {
    const kept = this.#heartbeat.keep(lease);
    this.#held.set(kept, step);
    return { release: () => this.#release(kept) };
  }

  async #release(kept: Kept): Promise<void> {
    if (!this.#held.delete(kept)) return;
    await this.#catalog.leases.release(this.#heartbeat.letGo(kept));
  }
}
