import type { Call, ObjectInfo, PutOptions, PutResult } from '@holdfast/api';
import { Dice } from './dice.ts';
import type { SimulatedProcess } from './host.ts';
import { SimulatedStore } from './simulated-store.ts';
import type { World } from './world.ts';

/** A bug that is put in on purpose, to see whether the simulation finds it. */
export interface PlantedBug {
  /** A store that is broken. */
  readonly store?: (world: World, process: SimulatedProcess) => SimulatedStore;
  /** A source of chance that is. */
  readonly random?: (process: SimulatedProcess, length: number) => Buffer;
}

/** Says that packs are stored as soon as it has heard of them. */
class HastyStore extends SimulatedStore {
  override async put(name: string, body: Uint8Array, how: PutOptions, call: Call): Promise<PutResult> {
    const done = super.put(name, body, how, call);
    if (!name.startsWith('packs/')) return await done;
    done.catch(() => {});
    return { sizeBytes: body.length };
  }
}

/** Lists packs that were there once, as who trusts an old index would. */
class OldListingStore extends SimulatedStore {
  readonly #known: Map<string, ObjectInfo>;

  constructor(world: World, process: SimulatedProcess) {
    super(world, world.disk, process);
    this.#known = knownPacks(world, process.host);
  }

  protected override listed(prefix: string): ObjectInfo[] {
    const found = super.listed(prefix);
    if (!prefix.startsWith('packs/')) return found;
    for (const info of found) this.#known.set(info.name, info);
    return [...this.#known.values()].filter(({ name }) => name.startsWith(prefix));
  }
}

const known = new WeakMap<World, Map<string, Map<string, ObjectInfo>>>();

function knownPacks(world: World, host: string): Map<string, ObjectInfo> {
  const hosts = known.get(world) ?? new Map<string, Map<string, ObjectInfo>>();
  known.set(world, hosts);
  const packs = hosts.get(host) ?? new Map<string, ObjectInfo>();
  hosts.set(host, packs);
  return packs;
}

/** Shows a collector no commit that came after its first look. */
class OneMarkStore extends SimulatedStore {
  #first: { readonly call: string; readonly names: ReadonlySet<string> } | null = null;
  readonly #world: World;

  constructor(world: World, process: SimulatedProcess) {
    super(world, world.disk, process);
    this.#world = world;
  }

  override async *list(prefix: string, call: Call): AsyncGenerator<ObjectInfo> {
    if (!call.who.startsWith('collect') || prefix !== 'commits/') {
      yield* super.list(prefix, call);
      return;
    }
    if (this.#first?.call !== call.who)
      this.#first = { call: call.who, names: new Set(this.#world.disk.names(prefix)) };
    for await (const info of super.list(prefix, call)) if (this.#first.names.has(info.name)) yield info;
  }
}

/** Each process draws the same numbers as the one before it. */
function repeatingChance(): PlantedBug {
  const dice = new WeakMap<SimulatedProcess, Dice>();
  return {
    random(process, length) {
      const mine = dice.get(process) ?? new Dice(7, 7);
      dice.set(process, mine);
      return mine.bytes(length);
    },
  };
}

export const PLANTED = {
  'commit before packs are durable': (): PlantedBug => ({
    store: (world, process) => new HastyStore(world, world.disk, process),
  }),
  'sweep without a second mark': (): PlantedBug => ({ store: (world, process) => new OneMarkStore(world, process) }),
  'trust in an old index': (): PlantedBug => ({ store: (world, process) => new OldListingStore(world, process) }),
  'a nonce that is used twice': repeatingChance,
} as const satisfies Record<string, () => PlantedBug>;

export type PlantedName = keyof typeof PLANTED;
