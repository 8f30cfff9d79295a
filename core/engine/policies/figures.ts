import type { MachineRecord } from '../../catalog/contract.ts';
import type { LoadedConfig } from '../../config/contract.ts';
import type { PluginHost } from '../../host/contract.ts';
import { type CopyFigures, guesses } from '../../model/policies/fit.ts';
import { sheetOf } from '../plan/facts.ts';
import type { Knowledge } from './knowledge.ts';

const dayMs = 86_400_000;

/** What one workflow has to reckon with for one machine, and what of it is only thought. */
export interface MachineFigures extends CopyFigures {
  readonly record: MachineRecord;
  readonly isSpeedGuessed: boolean;
  readonly isOverheadGuessed: boolean;
  readonly isChangeGuessed: boolean;
  /** Whether it has no restore point yet on one of the targets: then the first run reads it whole. */
  readonly isFirst: boolean;
}

/** Makes figures of machines: measured where an earlier run has measured, else guessed. */
export class Figures {
  readonly #knowledge: Knowledge;
  readonly #host: PluginHost;
  readonly #config: LoadedConfig;
  /** Whether the sheet of an endpoint says that changes are tracked. */
  readonly #tracks = new Map<string, boolean>();
  /** What several policies ask alike of a machine. */
  readonly #known = new WeakMap<MachineRecord, Map<string, MachineFigures>>();

  constructor(knowledge: Knowledge, host: PluginHost, config: LoadedConfig) {
    this.#knowledge = knowledge;
    this.#host = host;
    this.#config = config;
  }

  /** @param changePerDay Share that is thought to change in a day where nothing was measured. */
  of(record: MachineRecord, targets: readonly string[], changePerDay: number): MachineFigures {
    const asked = `${changePerDay} ${targets.join(' ')}`;
    const known = this.#known.get(record) ?? new Map<string, MachineFigures>();
    const figures = known.get(asked) ?? this.#make(record, targets, changePerDay);
    this.#known.set(record, known.set(asked, figures));
    return figures;
  }

  #make(record: MachineRecord, targets: readonly string[], changePerDay: number): MachineFigures {
    const { endpoint, machine } = record;
    const { speed, overheadMs, changePerMs, pointsOf } = this.#knowledge;
    const wholeBytes = wholeOf(record);
    const ways = targets.map((target) => speed(endpoint, target));
    const latest = targets.map((target) => pointsOf(endpoint, machine.id, target)[0]);
    const [change, overhead] = [changePerMs(endpoint, machine.id), overheadMs(endpoint)];
    return {
      record,
      wholeBytes,
      // What goes to several targets is read for each of them.
      speed: 1 / ways.reduce<number>((sum, way) => sum + 1 / (way ?? guesses.speed / 1_000), 0),
      isSpeedGuessed: ways.some((way) => way === null),
      overheadMs: overhead ?? guesses.overheadMs,
      isOverheadGuessed: overhead === null,
      changePerMs: change ?? (wholeBytes * changePerDay) / dayMs,
      isChangeGuessed: change === null,
      isTracked: latest.every((point) =>
        point === undefined ? this.#isTracking(endpoint) : point.disks.some(({ changeToken }) => changeToken !== null),
      ),
      isFirst: latest.some((point) => point === undefined),
    };
  }

  /** Bytes per millisecond of a restore: from the target that is fastest. */
  restoreSpeed(
    { endpoint }: MachineRecord,
    targets: readonly string[],
  ): { readonly from: string; readonly speed: number; readonly isGuessed: boolean } | null {
    const ways = targets.map((from) => {
      const measured = this.#knowledge.speed(from, endpoint);
      return { from, speed: measured ?? guesses.speed / 1_000, isGuessed: measured === null };
    });
    return ways.toSorted((a, b) => b.speed - a.speed)[0] ?? null;
  }

  #isTracking(endpoint: string): boolean {
    const before = this.#tracks.get(endpoint);
    if (before !== undefined) return before;
    const tracks = Object.hasOwn(this.#config.config.endpoints, endpoint) && this.#sheetSaysTracked(endpoint);
    this.#tracks.set(endpoint, tracks);
    return tracks;
  }

  #sheetSaysTracked(endpoint: string): boolean {
    const { N7 } = sheetOf({ host: this.#host, config: this.#config }, endpoint);
    return typeof N7 === 'object' && N7 !== null && 'changedBlocks' in N7 && N7.changedBlocks === 'tracked';
  }
}

/** Bytes that a full read of a machine takes: what its disks hold, where the hypervisor can tell. */
export function wholeOf({ machine }: MachineRecord): number {
  return machine.disks
    .filter(({ kind }) => kind === 'virtual')
    .reduce((sum, { allocatedBytes, sizeBytes }) => sum + (allocatedBytes ?? sizeBytes), 0);
}
