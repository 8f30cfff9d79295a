/** What a restore point is to hold, and what is known of it. */
export interface ModelPoint {
  readonly point: string;
  readonly machine: string;
  readonly disks: ReadonlyMap<string, Buffer>;
  /** Whether `commit` answered. If not it may be there, whole, or not at all. */
  isAcknowledged: boolean;
  /** Whether a forget was tried; whether one answered. */
  isForgetTried: boolean;
  isForgotten: boolean;
}

/** A machine and what its disks hold now. */
export interface ModelMachine {
  readonly id: string;
  readonly disks: Map<string, Buffer>;
}

/** What ought to be: plain maps, which nothing can go wrong with. */
export class Model {
  readonly points = new Map<string, ModelPoint>();
  /** What was copied and acknowledged, by its identity in the other repository. */
  readonly copies = new Map<string, ModelPoint>();
  readonly machines: readonly ModelMachine[];

  constructor(machines: readonly ModelMachine[]) {
    this.machines = machines;
  }

  begin(point: string, machine: string, disks: ReadonlyMap<string, Buffer>): ModelPoint {
    const made = { point, machine, disks, isAcknowledged: false, isForgetTried: false, isForgotten: false };
    this.points.set(point, made);
    return made;
  }

  /** Those that must be there. */
  certain(machine?: string): ModelPoint[] {
    return [...this.points.values()].filter(
      (point) => point.isAcknowledged && !point.isForgetTried && (machine === undefined || point.machine === machine),
    );
  }
}
