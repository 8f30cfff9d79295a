import { type Call, makeCall } from '../../call.ts';
import type { Hypervisor, OwnedThing, Snapshot } from '../../hypervisor.ts';
import type { Machine, OwnerMark } from '../../machine.ts';
import { collect, demand } from '../expect.ts';

/** What the hypervisor suite needs. */
export interface HypervisorSuite {
  /** An open endpoint with at least one machine that can be protected. */
  readonly hypervisor: Hypervisor;
  /** Name of the machine to snapshot. Default is the first that can be protected. */
  readonly machine?: string;
  /**
   * Set when a snapshot may make nothing in the world that could outlive the process, as of a machine that is off and read in
   * place: then none needs to be listed as owned. Default is `false`.
   */
  readonly snapshotsLeaveNothing?: boolean;
}

/** An endpoint as the checks use it, with a mark of their own on everything that they make. */
export class HypervisorYard {
  readonly hypervisor: Hypervisor;
  readonly call: Call = makeCall({ who: 'conformance' });
  readonly snapshotsLeaveNothing: boolean;
  readonly #wanted: string | undefined;
  readonly #site = `conformance-${crypto.randomUUID().slice(0, 8)}`;
  #intents = 0;

  constructor(suite: HypervisorSuite) {
    this.hypervisor = suite.hypervisor;
    this.#wanted = suite.machine;
    this.snapshotsLeaveNothing = suite.snapshotsLeaveNothing ?? false;
  }

  mark(): OwnerMark {
    this.#intents += 1;
    return { site: this.#site, intent: `intent-${this.#intents}`, run: 'conformance', createdAt: 1_700_000_000_000 };
  }

  machines(): Promise<readonly Machine[]> {
    return collect(this.hypervisor.machines(this.call), 100_000);
  }

  async machine(): Promise<Machine> {
    const all = await this.machines();
    const found = all.find((one) =>
      this.#wanted === undefined ? one.problem === undefined && one.disks.length > 0 : one.name === this.#wanted,
    );
    demand(found !== undefined, 'the endpoint has no machine to try this with');
    return found;
  }

  /** Things that carry a mark of these checks. */
  async owned(): Promise<readonly OwnedThing[]> {
    const all = await collect(this.hypervisor.owned(this.call), 100_000);
    return all.filter((thing) => thing.owner.site === this.#site);
  }

  /** A snapshot of the machine, released whatever happens. */
  async withSnapshot<T>(work: (snapshot: Snapshot, machine: Machine) => Promise<T>): Promise<T> {
    const machine = await this.machine();
    const want = { quiesce: 'none', owner: this.mark() } as const;
    const snapshot = await this.hypervisor.snapshot(machine.id, want, this.call);
    try {
      return await work(snapshot, machine);
    } finally {
      await this.hypervisor.release(snapshot.id, this.call);
    }
  }

  /** Nothing of these checks is left. */
  async demandClean(after: string): Promise<void> {
    const left = await this.owned();
    demand(left.length === 0, `${after} left ${left.map((thing) => `${thing.kind} ${thing.title}`).join(', ')}`);
  }
}
