import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Call } from '@holdfast/api';
import { HoldfastError, throwIfCancelled } from '@holdfast/api';
import type { FoundImage } from './chain.ts';
import type { Definition } from './definitions.ts';
import { definitionsOf, entriesOf } from './definitions.ts';
import type { FoundMachine } from './inspect.ts';
import { inspectMachine } from './inspect.ts';
import type { ImageLocks } from './locks.ts';
import { readImageLocks } from './locks.ts';

/** Machines of a folder: each sub-folder, each domain definition and each image that no definition names. */
export class Inventory {
  readonly #folder: string;
  readonly #readLocks: () => Promise<ImageLocks>;
  /** Entry in which a machine was last seen, so that finding one does not always look at all. */
  readonly #seenIn = new Map<string, string>();

  constructor(folder: string, readLocks: () => Promise<ImageLocks> = readImageLocks) {
    this.#folder = folder;
    this.#readLocks = readLocks;
  }

  /** @throws `ENDPOINT_UNREACHABLE` */
  async list(call: Call): Promise<readonly FoundMachine[]> {
    const locks = await this.#readLocks();
    const entries = await entriesOf(this.#folder);
    const root = this.#root();
    const found: FoundMachine[] = [];
    const loose: Definition[] = [];
    for (const entry of entries) {
      throwIfCancelled(call.signal, 'listing machines');
      await breathe();
      for (const definition of await definitionsOf(this.#folder, entry)) {
        if (!definition.ownFolder && definition.xml === null) loose.push(definition);
        else await this.#inspect(definition, root, locks, found);
      }
    }
    const named = new Set(found.flatMap(({ images }) => [...images.values()].flatMap(pathsOf)));
    for (const definition of loose) await this.#inspect(definition, root, locks, found, named);
    const machines = withoutDoubles(withoutBelow(found)).toSorted(
      (a, b) => Number(a.entry > b.entry) - Number(a.entry < b.entry),
    );
    this.#seenIn.clear();
    for (const { machine, entry } of machines) this.#seenIn.set(machine.id, entry);
    return machines;
  }

  /** @throws `MACHINE_NOT_FOUND`, `ENDPOINT_UNREACHABLE` */
  async find(id: string, call: Call): Promise<FoundMachine> {
    const known = this.#seenIn.get(id);
    const quick = known === undefined ? null : await this.#lookInto(known, id);
    if (quick !== null) return quick;
    const machine = (await this.list(call)).find((found) => found.machine.id === id);
    if (machine !== undefined) return machine;
    throw new HoldfastError('MACHINE_NOT_FOUND', `there is no machine ${id} in ${this.#folder}`, {
      facts: { machine: id, folder: this.#folder },
    });
  }

  async #lookInto(name: string, id: string): Promise<FoundMachine | null> {
    const entry = (await entriesOf(this.#folder)).find((candidate) => candidate.name === name);
    if (entry === undefined) return null;
    const locks = await this.#readLocks();
    for (const definition of await definitionsOf(this.#folder, entry)) {
      const found = await inspectMachine(definition, this.#root(), locks);
      if (found?.machine.id === id) return found;
    }
    return null;
  }

  async #inspect(
    definition: Definition,
    root: string,
    locks: ImageLocks,
    into: FoundMachine[],
    named: ReadonlySet<string> = new Set(),
  ): Promise<void> {
    const found = await inspectMachine(definition, root, locks);
    if (found === null) return;
    const paths = [...found.images.values()].map((image) => image.source.path);
    if (!paths.some((path) => named.has(path))) into.push(found);
  }

  #root(): string {
    try {
      return realpathSync(this.#folder);
    } catch (cause) {
      throw new HoldfastError('ENDPOINT_UNREACHABLE', `the folder ${this.#folder} is not there`, { cause });
    }
  }
}

const pathsOf = ({ source }: FoundImage): readonly string[] => [source.path, ...source.chain.map((link) => link.path)];

/** A loose image that lies below another one is no machine of its own. */
function withoutBelow(found: readonly FoundMachine[]): readonly FoundMachine[] {
  const below = new Set(
    found.flatMap(({ images }) => [...images.values()].flatMap((image) => image.source.chain.map((link) => link.path))),
  );
  return found.filter(({ images, machine, ownFolder }) => {
    const [only] = images.values();
    return ownFolder || machine.config !== undefined || only === undefined || !below.has(only.source.path);
  });
}

/** Two definitions of one identity, usually a copy: nobody can tell which of them the restore points belong to. */
function withoutDoubles(found: readonly FoundMachine[]): readonly FoundMachine[] {
  const counts = new Map<string, number>();
  for (const { machine } of found) counts.set(machine.id, (counts.get(machine.id) ?? 0) + 1);
  return found.map((one) => {
    if (counts.get(one.machine.id) === 1) return one;
    const problem = `another machine here has the same UUID ${one.machine.id}: give one of them a new one`;
    const problems = one.machine.problem === undefined ? problem : `${problem}; ${one.machine.problem}`;
    const id = `${one.machine.id}@${one.entry}/${basename(one.machine.disks[0]?.location ?? '')}`;
    return { ...one, machine: { ...one.machine, id, problem: problems } };
  });
}
