import { HoldfastError, makeCall, type PointRef, type PointSummary } from '@holdfast/api';
import type { Actor } from '../access/contract.ts';
import type { OwnedSite } from '../contract.ts';
import type { Installation } from '../site/installation.ts';

/** A machine that has restore points. */
export interface ServedMachine {
  readonly endpoint: string;
  readonly id: string;
  readonly name: string;
  readonly newestAt: number;
}

/** A restore point of a machine, on one target. */
export interface ServedPoint {
  readonly id: string;
  readonly target: string;
  readonly takenAt: number;
}

/** A restore point that is open for reading. Whoever opened it closes it. */
export interface ServedDisks {
  readonly disks: readonly { readonly key: string; readonly sizeBytes: number; readonly takenAt: number }[];
  /** Exactly the bytes that are asked for, all authenticated. Throws `REPOSITORY_DAMAGED` for what is lost. */
  read(disk: string, offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

const server: Actor = { name: 'server', roles: ['operator'], from: 'local', session: 'sftp' };

/** Restore points as those who serve them to others read them: what there is from the catalog, bytes from the repositories. */
export class ServedPoints {
  readonly #installation: Installation;

  constructor(installation: Installation) {
    this.#installation = installation;
  }

  /** Each machine once, by name. */
  async machines(): Promise<readonly ServedMachine[]> {
    await using site = this.#site();
    const found = new Map<string, ServedMachine>();
    for (const point of await (await site.catalog()).points({})) {
      const key = `${point.endpoint}\n${point.machine}`;
      // Newest first: the name that it has now counts.
      if (found.has(key)) continue;
      found.set(key, { endpoint: point.endpoint, id: point.machine, name: point.machineName, newestAt: point.takenAt });
    }
    return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async points(machine: ServedMachine | { readonly endpoint: string; readonly id: string }): Promise<ServedPoint[]> {
    await using site = this.#site();
    const all = await (await site.catalog()).points({ endpoint: machine.endpoint, machine: machine.id });
    return all.map(({ point, target, takenAt }) => ({ id: point, target, takenAt }));
  }

  async open(wanted: ServedPoint): Promise<ServedDisks> {
    const site = this.#site();
    try {
      const summary = await find(site, wanted);
      const repository = await site.repository(wanted.target, makeCall({ who: server.name }));
      return {
        disks: summary.disks.map(({ key, sizeBytes }) => ({ key, sizeBytes, takenAt: summary.takenAt })),
        async read(disk, offset, length) {
          const bytes = Buffer.allocUnsafe(length);
          let at = 0;
          const pieces = repository.read(wanted.id, disk, { offset, length }, makeCall({ who: server.name }));
          for await (const piece of pieces) {
            bytes.set(piece, at);
            at += piece.length;
          }
          if (at === length) return bytes;
          throw new HoldfastError('REPOSITORY_DAMAGED', `disk ${disk} gave ${at} of ${length} bytes at ${offset}`);
        },
        close: async () => site[Symbol.asyncDispose](),
      };
    } catch (problem) {
      await site[Symbol.asyncDispose]();
      throw problem;
    }
  }

  #site(): OwnedSite {
    return this.#installation.use({ actor: server, ask: null, out: null });
  }
}

async function find(site: OwnedSite, { id, target }: ServedPoint): Promise<PointSummary> {
  const all: readonly (PointSummary & PointRef)[] = await (await site.catalog()).points({ target });
  const found = all.find(({ point }) => point === id);
  if (found !== undefined) return found;
  throw new HoldfastError('POINT_NOT_FOUND', `restore point ${id} is no longer on ${target}`);
}
