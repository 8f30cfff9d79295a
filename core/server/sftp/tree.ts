import type { OpenPoint, PointDiskEntry, PointEntry, PointMachine, PointSource } from '../point-source.ts';
import type { Facts } from './attributes.ts';
import type { Lease, OpenedPoints } from './opened-points.ts';
import { type Names, namesOf, safeName, shortHash } from './safe-name.ts';

const keptMs = 5_000;
const keptPointLists = 64;

/** What a path leads to. */
export type Node =
  | { readonly kind: 'root' }
  | { readonly kind: 'machine'; readonly machine: PointMachine }
  | { readonly kind: 'point'; readonly machine: PointMachine; readonly point: PointEntry }
  | {
      readonly kind: 'disk';
      readonly machine: PointMachine;
      readonly point: PointEntry;
      readonly disk: PointDiskEntry;
      readonly name: string;
    };

export interface TreeEntry {
  readonly name: string;
  readonly facts: Facts;
}

interface Kept<T> {
  readonly at: number;
  readonly names: Promise<Names<T>>;
}

/** Machines, their restore points and the disks of these, as folders and files. What was listed a moment ago is not asked for again. */
export class PointTree {
  readonly #source: PointSource;
  readonly #opened: OpenedPoints;
  readonly #now: () => number;
  #machines: Kept<PointMachine> | null = null;
  readonly #points = new Map<string, Kept<PointEntry>>();

  constructor(source: PointSource, opened: OpenedPoints, now: () => number) {
    this.#source = source;
    this.#opened = opened;
    this.#now = now;
  }

  /** `null` when there is no such thing. */
  async find(parts: readonly string[]): Promise<Node | null> {
    const [machineName, pointName, diskName] = parts;
    if (machineName === undefined) return { kind: 'root' };
    const machine = (await this.#machineNames()).find(machineName);
    if (machine === null) return null;
    if (pointName === undefined) return { kind: 'machine', machine };
    const point = (await this.#pointNames(machine)).find(pointName);
    if (point === null) return null;
    if (diskName === undefined) return { kind: 'point', machine, point };
    const lease = await this.#opened.use(point);
    try {
      const names = diskNames(lease.point);
      const disk = names.find(diskName);
      return disk === null ? null : { kind: 'disk', machine, point, disk, name: diskName };
    } finally {
      lease.release();
    }
  }

  factsOf(node: Node): Facts {
    if (node.kind === 'root') return { at: this.#now() };
    if (node.kind === 'machine') return { at: node.machine.newestAt ?? 0 };
    if (node.kind === 'point') return { at: node.point.takenAt };
    return { at: node.disk.takenAt, sizeBytes: node.disk.sizeBytes };
  }

  async entries(node: Node): Promise<readonly TreeEntry[]> {
    if (node.kind === 'root') {
      const { listed } = await this.#machineNames();
      return listed.map(({ name, thing }) => ({ name, facts: { at: thing.newestAt ?? 0 } }));
    }
    if (node.kind === 'machine') {
      const { listed } = await this.#pointNames(node.machine);
      return listed.map(({ name, thing }) => ({ name, facts: { at: thing.takenAt } }));
    }
    if (node.kind === 'disk') return [];
    const lease = await this.#opened.use(node.point);
    try {
      const { listed } = diskNames(lease.point);
      return listed.map(({ name, thing }) => ({ name, facts: { at: thing.takenAt, sizeBytes: thing.sizeBytes } }));
    } finally {
      lease.release();
    }
  }

  /** Keeps a restore point open for as long as one of its files is. */
  hold(point: PointEntry): Promise<Lease> {
    return this.#opened.use(point);
  }

  #machineNames(): Promise<Names<PointMachine>> {
    if (this.#machines === null || this.#isOld(this.#machines)) {
      const kept = { at: this.#now(), names: this.#source.machines().then(machineNames) };
      this.#machines = kept;
      kept.names.catch(() => {
        if (this.#machines === kept) this.#machines = null;
      });
    }
    return this.#machines.names;
  }

  #pointNames(machine: PointMachine): Promise<Names<PointEntry>> {
    const key = `${machine.endpoint} ${machine.id}`;
    const known = this.#points.get(key);
    if (known !== undefined && !this.#isOld(known)) return known.names;
    const kept = { at: this.#now(), names: this.#source.points(machine).then(pointNames) };
    this.#points.delete(key);
    this.#points.set(key, kept);
    kept.names.catch(() => this.#points.get(key) === kept && this.#points.delete(key));
    const [oldest] = this.#points.keys();
    if (this.#points.size > keptPointLists && oldest !== undefined) this.#points.delete(oldest);
    return kept.names;
  }

  #isOld({ at }: { readonly at: number }): boolean {
    const age = this.#now() - at;
    return age < 0 || age > keptMs;
  }
}

function machineNames(machines: readonly PointMachine[]): Names<PointMachine> {
  const unique = new Map(machines.map((machine) => [`${machine.endpoint}\0${machine.id}`, machine]));
  return namesOf(
    [...unique.values()].map((machine) => {
      const name = safeName(machine.name);
      const at = `${name}@${safeName(machine.endpoint)}`;
      return { thing: machine, names: [name, at, `${at}~${shortHash(machine.endpoint, machine.id)}`] };
    }),
  );
}

function pointNames(points: readonly PointEntry[]): Names<PointEntry> {
  const unique = new Map(points.map((point) => [`${point.target}\0${point.id}`, point]));
  return namesOf(
    [...unique.values()].map((point) => {
      const name = timeName(point.takenAt);
      const at = `${name}@${safeName(point.target)}`;
      return { thing: point, names: [name, at, `${at}~${shortHash(point.target, point.id)}`] };
    }),
  );
}

/** `2026-11-21T02-00-00Z`: no colons, which Windows and `scp` read otherwise. */
function timeName(at: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return 'unknown-time';
  return `${date.toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
}

/** By number, as the machine has them; what the hypervisor calls a disk is a name too. */
function diskNames({ disks }: OpenPoint): Names<PointDiskEntry> {
  return namesOf(
    disks.map((disk, index) => ({ thing: disk, names: [`disk${index}.raw`, `${safeName(disk.key)}.raw`] })),
  );
}
