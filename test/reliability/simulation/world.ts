import type { LogLevel } from '@holdfast/api';
import type { Unlock } from '../../../core/repository/contract.ts';
import { Dice } from './dice.ts';
import { chooseRates, type FaultKind, type FaultRates, NO_FAULTS } from './faults.ts';
import { Host, type SimulatedProcess } from './host.ts';
import { Model } from './model.ts';
import type { PlantedBug } from './planted.ts';
import { makeMachines } from './sample-machines.ts';
import { Scheduler } from './scheduler.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { SimulatedStore, type StoreWorld } from './simulated-store.ts';
import { Trace } from './trace.ts';

const DAY_MS = 86_400_000;

/** Sums over what was simulated. */
export interface Figures {
  operations: number;
  actions: Record<string, number>;
  faults: Partial<Record<FaultKind, number>>;
  acknowledged: number;
  compared: number;
  checks: number;
  nonces: number;
}

export const noFigures = (): Figures => ({
  operations: 0,
  actions: {},
  faults: {},
  acknowledged: 0,
  compared: 0,
  checks: 0,
  nonces: 0,
});

/** Everything of one seed: hosts, their store, and time. */
export class World implements StoreWorld {
  readonly folder: string;
  readonly dice: Dice;
  readonly scheduler = new Scheduler();
  readonly violations: string[] = [];
  readonly disk = new SimulatedDisk(this.violations);
  /** Of another repository, to which restore points are copied. */
  readonly otherDisk = new SimulatedDisk(this.violations);
  readonly trace = new Trace();
  readonly figures = noFigures();
  /** One for each key of the repository. */
  secrets: readonly Unlock[] = [];
  readonly hosts: readonly Host[];
  readonly model: Model;
  readonly planted: PlantedBug | null;
  readonly #chance: Dice;
  readonly #isHarsh: boolean;
  #rates: FaultRates;
  #files = 0;

  constructor(seed: number, folder: string, planted: PlantedBug | null, isHarsh: boolean) {
    this.#isHarsh = isHarsh;
    this.folder = folder;
    this.planted = planted;
    this.dice = new Dice(seed, 1);
    this.#chance = new Dice(seed, 2);
    this.#rates = chooseRates(this.dice, this.#isHarsh);
    const hosts = this.dice.between(2, 3);
    this.hosts = Array.from({ length: hosts }, (_, i) => {
      const offset = this.dice.chance(0.4) ? Math.round((this.dice.share() * 2 - 1) * DAY_MS) : 0;
      return new Host(this, `host${i + 1}`, offset);
    });
    this.model = new Model(makeMachines(this.dice));
  }

  /** A name for a file that no other has. */
  newFile(): string {
    return `disk-${++this.#files}.raw`;
  }

  openStore(process: SimulatedProcess): SimulatedStore {
    return this.planted?.store?.(this, process) ?? new SimulatedStore(this, this.disk, process);
  }

  openOtherStore(process: SimulatedProcess): SimulatedStore {
    return new SimulatedStore(this, this.otherDisk, process);
  }

  random(process: SimulatedProcess, length: number): Buffer {
    return this.planted?.random?.(process, length) ?? this.#chance.bytes(length);
  }

  rates(): FaultRates {
    return this.#rates;
  }

  calm(): void {
    this.#rates = NO_FAULTS;
  }

  /** For what is not to fail, such as making the repository. */
  excite(): void {
    this.#rates = chooseRates(this.dice, this.#isHarsh);
  }

  count(kind: FaultKind): void {
    this.figures.faults[kind] = (this.figures.faults[kind] ?? 0) + 1;
  }

  note(line: string): void {
    this.figures.operations++;
    this.trace.add(line);
  }

  violate(what: string): void {
    this.trace.add(`VIOLATION ${what}`);
    this.violations.push(what);
  }

  heard(host: string, action: string, level: LogLevel, text: string): void {
    if (level !== 'debug') this.trace.add(`${host} ${action} says ${level}: ${text.replaceAll(this.folder, '')}`);
  }
}
