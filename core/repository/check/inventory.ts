import { type Call, type ObjectStore, throwIfCancelled } from '@holdfast/api';
import { catalogPattern } from '../documents/names.ts';
import { FORMAT_OBJECT } from '../format/repository-format.ts';
import { generationPattern } from '../keys/generations.ts';
import { landingPattern } from '../landing/landing-document.ts';

/** What an object is, by its name. */
export type ObjectKind =
  | 'format'
  | 'key'
  | 'pack'
  | 'index'
  | 'manifest'
  | 'commit'
  | 'lease'
  | 'tombstone'
  | 'landing'
  | 'forgotten'
  | 'catalog'
  | 'generation';

const PATTERNS: readonly (readonly [ObjectKind, RegExp])[] = [
  ['format', /^format\.json$/],
  ['key', /^keys\/[0-9a-f]{32}$/],
  ['pack', /^packs\/([0-9a-f]{2})\/\1[0-9a-f]{30}$/],
  ['index', /^index\/[0-9a-f]{32}$/],
  ['manifest', /^manifests\/[0-9a-f]{32}\/[0-9a-f]{32}$/],
  ['commit', /^commits\/[0-9a-f]{32}$/],
  ['lease', /^leases\/[0-9a-f]{32}(\.end|\.[1-9][0-9]{0,14})?$/],
  ['tombstone', /^tombstones\/[0-9]{12}(\.leases)?$/],
  ['landing', landingPattern],
  ['forgotten', /^forgotten\/[0-9a-f]{32}$/],
  ['catalog', catalogPattern],
  ['generation', generationPattern],
];

/** What an object is; `null` when nothing in a repository is called so. */
export function kindOf(name: string): ObjectKind | null {
  return PATTERNS.find(([, pattern]) => pattern.test(name))?.[0] ?? null;
}

/** All objects of a store at one moment, by kind. */
export interface Inventory {
  readonly names: Readonly<Record<ObjectKind, readonly string[]>>;
  /** Names that nothing in the format has. */
  readonly foreign: readonly string[];
  readonly objects: number;
  readonly bytes: number;
}

/** Lists everything. */
export async function takeInventory(store: ObjectStore, call: Call): Promise<Inventory> {
  const names: Record<ObjectKind, string[]> = {
    format: [],
    key: [],
    pack: [],
    index: [],
    manifest: [],
    commit: [],
    lease: [],
    tombstone: [],
    landing: [],
    forgotten: [],
    catalog: [],
    generation: [],
  };
  const foreign: string[] = [];
  let objects = 0;
  let bytes = 0;
  for await (const { name, sizeBytes } of store.list('', call)) {
    throwIfCancelled(call.signal, `listing ${FORMAT_OBJECT}`);
    objects++;
    bytes += sizeBytes;
    const kind = kindOf(name);
    if (kind === null) foreign.push(name);
    else names[kind].push(name);
  }
  for (const list of Object.values(names)) list.sort();
  return { names, foreign, objects, bytes };
}

/** The names below some folders as they are when they are first asked for: for many questions one listing is enough. */
export class Relisting {
  readonly #store: ObjectStore;
  readonly #call: Call;
  readonly #folders = new Map<string, Promise<ReadonlyMap<string, number>>>();

  constructor(store: ObjectStore, call: Call) {
    this.#store = store;
    this.#call = call;
  }

  async has(name: string): Promise<boolean> {
    return (await this.sizeOf(name)) !== null;
  }

  /** Bytes of an object; `null` when it is not there. */
  async sizeOf(name: string): Promise<number | null> {
    const folder = name.slice(0, name.lastIndexOf('/') + 1);
    const known = this.#folders.get(folder) ?? this.#list(folder);
    this.#folders.set(folder, known);
    return (await known).get(name) ?? null;
  }

  async #list(folder: string): Promise<ReadonlyMap<string, number>> {
    const sizes = new Map<string, number>();
    for await (const { name, sizeBytes } of this.#store.list(folder, this.#call)) sizes.set(name, sizeBytes);
    return sizes;
  }
}

/** Looks whether an object is there now: a listing is not of one moment, and writers go on meanwhile. */
export async function isStored(store: ObjectStore, name: string, call: Call): Promise<boolean> {
  for await (const object of store.list(name, call)) {
    if (object.name === name) return true;
  }
  return false;
}
