import type { Call } from '../../call.ts';
import { HoldfastError } from '../../errors.ts';
import type { Machine } from '../../machine.ts';
import type { OpenedPoint, PointMeta, PointRef, PointSummary } from '../../point.ts';
import type { RepositoryHandle } from '../../technique.ts';
import type { PracticeLedger } from './practice-ledger.ts';

/** A repository of practice: restore points without bytes. */
export class PracticeRepository implements RepositoryHandle {
  readonly committed = new Map<string, OpenedPoint>();
  /** Writers that were begun and neither committed nor abandoned. */
  readonly writers = new Set<string>();
  readonly #ledger: PracticeLedger;
  readonly #target: string;

  constructor(ledger: PracticeLedger, target: string) {
    this.#ledger = ledger;
    this.#target = target;
  }

  async begin(machine: { readonly endpoint: string; readonly id: string }, call: Call): Promise<string> {
    this.#ledger.enter(`begin ${machine.id}`, call);
    const writer = this.#ledger.nextId('writer');
    this.writers.add(writer);
    return writer;
  }

  async commit(writer: string, meta: PointMeta, call: Call): Promise<PointRef> {
    this.#ledger.enter(`commit ${writer}`, call);
    if (!this.writers.delete(writer)) throw new HoldfastError('LEASE_LOST', `${writer} is not open`);
    return this.add(writer, meta);
  }

  async abandon(writer: string, call: Call): Promise<void> {
    this.#ledger.enter(`abandon ${writer}`, call);
    this.writers.delete(writer);
  }

  async points(machine: string, call: Call): Promise<readonly PointSummary[]> {
    this.#ledger.enter(`points ${machine}`, call);
    return [...this.committed.values()].map((point) => point.summary).filter((point) => point.machine === machine);
  }

  async open(point: string, call: Call): Promise<OpenedPoint> {
    this.#ledger.enter(`open ${point}`, call);
    const found = this.committed.get(point);
    if (found === undefined) throw new HoldfastError('POINT_NOT_FOUND', `no restore point ${point}`);
    return found;
  }

  /** A restore point as if it had been written. */
  add(point: string, meta: PointMeta): PointRef {
    const target = this.#target;
    const ref = { target, point, machine: meta.machine.id, takenAt: meta.takenAt };
    const summary: PointSummary = {
      ...ref,
      machineName: meta.machine.name,
      endpoint: meta.endpoint,
      consistency: meta.consistency,
      disks: meta.disks,
      sizeBytes: meta.disks.reduce((sum, disk) => sum + disk.sizeBytes, 0),
      storedBytes: 0,
      committedAt: meta.takenAt,
    };
    const sources = meta.disks.map((disk) => ({
      kind: 'repository' as const,
      target,
      point,
      disk: disk.key,
      sizeBytes: disk.sizeBytes,
    }));
    this.committed.set(point, { summary, machine: meta.machine, frozenMs: meta.frozenMs, sources });
    return ref;
  }
}

/** What a restore point of a machine says. */
export function metaOf(machine: Machine, endpoint: string, takenAt: number): PointMeta {
  return {
    machine,
    endpoint,
    takenAt,
    consistency: 'crash',
    frozenMs: 0,
    disks: machine.disks.map(({ key, sizeBytes, format }) => ({ key, sizeBytes, format, changeToken: null })),
    run: 'earlier',
  };
}
