import type { Call, DiskSink, DiskSource, MoveOptions, MoveResult } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { Handouts } from '../endpoints/handouts.ts';
import type { Meter } from './meter.ts';
import type { RunRepositories } from './repositories.ts';

/** A disk that was moved, for the figures of the run and the forecasts of later ones. */
export interface MovedDisk {
  readonly disk: string;
  readonly from: string;
  readonly to: string;
  readonly result: MoveResult;
}

/** Moves disks between hypervisors and repositories through the data plane, with progress. */
export class Mover {
  readonly #repositories: RunRepositories;
  readonly #handouts: Handouts;
  readonly #meter: Meter;
  #moved: MovedDisk[] = [];

  constructor(repositories: RunRepositories, handouts: Handouts, meter: Meter) {
    this.#repositories = repositories;
    this.#handouts = handouts;
    this.#meter = meter;
  }

  /** All that was moved so far. */
  get moved(): readonly MovedDisk[] {
    return this.#moved;
  }

  /** What was moved after the first `count` disks has come to nothing: the step begins anew. */
  forgetAfter(count: number): void {
    this.#moved = this.#moved.slice(0, count);
  }

  async move(from: DiskSource, to: DiskSink, how: MoveOptions, call: Call): Promise<MoveResult> {
    const origin = this.#handouts.originOf(from);
    if (to.kind === 'repository') return this.#store(from, origin, to, how, call);
    const goal = this.#handouts.originOf(to);
    if (from.kind === 'repository') return this.#restore(from, to, goal, call);
    throw new HoldfastError('UNSUPPORTED', `a disk cannot be moved straight from ${origin} to ${goal}`, {
      remedy: 'go through a restore point: `holdfast protect`, then `holdfast restore machine`',
    });
  }

  async #store(
    from: DiskSource,
    origin: string,
    to: Extract<DiskSink, { kind: 'repository' }>,
    how: MoveOptions,
    call: Call,
  ): Promise<MoveResult> {
    if (from.kind === 'repository')
      throw new HoldfastError('UNSUPPORTED', `a disk cannot be moved from repository ${from.target} to ${to.target}`, {
        remedy: 'copying restore points between repositories is not there yet; protect the machine to both',
      });
    const writer = this.#repositories.writer(to.writer, to.target);
    const move = this.#meter.begin(`reading disk ${to.disk}`, from.sizeBytes);
    const result = await writer.write(to.disk, from, how, { ...call, progress: move.report });
    move.end();
    this.#moved.push({ disk: to.disk, from: origin, to: to.target, result });
    return result;
  }

  async #restore(
    from: Extract<DiskSource, { kind: 'repository' }>,
    to: Exclude<DiskSink, { kind: 'repository' }>,
    goal: string,
    call: Call,
  ): Promise<MoveResult> {
    const repository = await this.#repositories.repository(from.target, call);
    const move = this.#meter.begin(`writing disk ${from.disk}`, from.sizeBytes);
    const result = await repository.restore(from.point, from.disk, to, { ...call, progress: move.report });
    move.end();
    this.#moved.push({ disk: from.disk, from: from.target, to: goal, result });
    return result;
  }
}
