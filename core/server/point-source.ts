/** A machine that has restore points. */
export interface PointMachine {
  readonly endpoint: string;
  /** Identity of the machine on its endpoint. */
  readonly id: string;
  /** As the hypervisor calls it: any text. */
  readonly name: string;
  /** Epoch milliseconds of its newest restore point, where that is known. */
  readonly newestAt?: number;
}

/** A restore point of a machine. */
export interface PointEntry {
  /** Identity of the restore point. */
  readonly id: string;
  /** Name of the target that holds it. */
  readonly target: string;
  /** Epoch milliseconds of the state that it holds. */
  readonly takenAt: number;
}

/** One disk of an open restore point. */
export interface PointDiskEntry {
  readonly key: string;
  readonly sizeBytes: number;
  readonly takenAt: number;
}

/** A restore point that is open for reading. Whoever opened it closes it. */
export interface OpenPoint {
  /** In the order of the machine. */
  readonly disks: readonly PointDiskEntry[];
  /**
   * Exactly `length` bytes of a disk from `offset`, both within it. Every byte has been authenticated; what is lost throws
   * `REPOSITORY_DAMAGED` and is never answered as zeros. Several reads may be under way at once.
   */
  read(disk: string, offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Where SFTP gets restore points from. */
export interface PointSource {
  machines(): Promise<readonly PointMachine[]>;
  points(machine: PointMachine): Promise<readonly PointEntry[]>;
  open(point: PointEntry): Promise<OpenPoint>;
}
