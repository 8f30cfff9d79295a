import type { Call, DedupeMode, OpenedPoint, PointMeta, PointRef, RepositoryHandle } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { Catalog } from '../../catalog/contract.ts';
import type { PointWriter, Repository } from '../../repository/contract.ts';
import type { Handouts } from '../endpoints/handouts.ts';
import { refuseRolledBack } from '../points/rollback.ts';
import { syncPoints } from '../points/sync.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { Journal } from './journal.ts';

/** Restore points that one run writes and reads; none that it began is left open when it ends. */
export class RunRepositories {
  /** Targets whose repositories this run began to write to. */
  readonly written = new Set<string>();
  readonly #catalog: Catalog;
  readonly #open: (target: string, call: Call) => Promise<Repository>;
  readonly #run: { readonly id: string; readonly endpoint: string };
  readonly #heartbeat: Heartbeat;
  readonly #journal: Journal;
  readonly #handouts: Handouts;
  readonly #now: () => number;
  readonly #dedupe: (target: string) => DedupeMode;
  readonly #writers = new Map<string, { readonly target: string; readonly writer: PointWriter }>();

  constructor(
    catalog: Catalog,
    open: (target: string, call: Call) => Promise<Repository>,
    run: { readonly id: string; readonly endpoint: string },
    heartbeat: Heartbeat,
    journal: Journal,
    handouts: Handouts,
    now: () => number,
    dedupe: (target: string) => DedupeMode,
  ) {
    this.#catalog = catalog;
    this.#open = open;
    this.#run = run;
    this.#heartbeat = heartbeat;
    this.#journal = journal;
    this.#handouts = handouts;
    this.#now = now;
    this.#dedupe = dedupe;
  }

  repository(target: string, call: Call): Promise<Repository> {
    return this.#open(target, call);
  }

  writer(id: string, target: string): PointWriter {
    const entry = this.#writers.get(id);
    if (entry === undefined || entry.target !== target)
      throw new HoldfastError(
        'PERMISSION_DENIED',
        `a step wanted to write to a restore point on ${target} that it did not begin`,
        {
          remedy: 'report this to the author of the technique',
        },
      );
    return entry.writer;
  }

  /** Gives up all that was begun and neither committed nor abandoned. Answers the targets concerned. */
  async abandonAll(call: Call): Promise<readonly string[]> {
    const open = [...this.#writers];
    for (const [id, { writer }] of open) {
      this.#writers.delete(id);
      await writer.abandon(call);
    }
    return open.map(([, { target }]) => target);
  }

  /** A repository as a step sees it: plain functions over plain data, so that it can be handed across to a worker. */
  async handle(target: string, opening: Call): Promise<RepositoryHandle> {
    const repository = await this.#open(target, opening);
    return {
      begin: async (machine, call) => {
        await refuseRolledBack(this.#catalog, repository, { endpoint: machine.endpoint, machine: machine.id }, call);
        const dedupe = machine.dedupe ?? this.#dedupe(target);
        const writer = await repository.begin({ ...machine, dedupe }, call);
        this.written.add(target);
        this.#writers.set(writer.id, { target, writer });
        return writer.id;
      },
      commit: (id, meta, call) => this.#commit(repository, id, meta, call),
      abandon: async (id, call) => {
        const entry = this.#writers.get(id);
        this.#writers.delete(id);
        await entry?.writer.abandon(call);
      },
      points: async (machine, call) => {
        const of = { endpoint: this.#run.endpoint, machine };
        return (await syncPoints(this.#catalog, repository, of, this.#now(), call)).points;
      },
      open: (point, call) => this.#openPoint(repository, point, call),
    };
  }

  async #commit(repository: Repository, id: string, meta: PointMeta, call: Call): Promise<PointRef> {
    const writer = this.writer(id, repository.target);
    // A process that was stopped and continued must not add to what another has taken over.
    await this.#heartbeat.confirm();
    const point = await writer.commit({ ...meta, run: this.#run.id }, call);
    this.#writers.delete(id);
    this.#journal.log('info', `restore point ${point.point} is complete on ${repository.target}`);
    const { summary } = await repository.open(point.point, call);
    await this.#catalog.savePoints([summary]);
    return point;
  }

  async #openPoint(repository: Repository, point: string, call: Call): Promise<OpenedPoint> {
    const opened = await repository.open(point, call);
    for (const source of opened.sources) this.#handouts.add(source, repository.target);
    return opened;
  }
}
