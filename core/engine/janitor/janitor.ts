import type { Call } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import { messageOf } from '../run/failure.ts';
import type { EngineParts } from '../run/parts.ts';
import { endLostRuns, settleEndedRuns } from './lost-runs.ts';
import { findStrays, removeStrays, titleOf } from './strays.ts';

const leaseName = 'janitor';
/** Cleaning one endpoint may take long; another janitor in the meantime would do no harm, only the same work. */
const leaseMs = 120_000;

/** How long records of ended runs are kept, in milliseconds, and how many of them. Restore points have their own retention. */
const keptMs = 100 * 86_400_000;
const keptRuns = 200_000;

/** Finishes or undoes what dead processes began. Only of this site, and only one janitor at a time. */
export class Janitor {
  readonly #parts: EngineParts;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** Cleans everything, also things that no run knows of. One line for each thing done. */
  clean(call: Call): Promise<readonly string[]> {
    return this.#alone(async () => [
      ...(await endLostRuns(this.#parts, call)),
      ...(await settleEndedRuns(this.#parts, call)),
      ...(await removeStrays(this.#parts, await findStrays(this.#parts, call), call)),
      ...(await this.forgetOldRuns()),
    ]);
  }

  /** What is worth doing before every run: two questions to the catalog when there is nothing to clean. It never keeps a run from starting. */
  async sweep(call: Call): Promise<void> {
    try {
      const { jobs } = this.#parts.catalog;
      if ((await jobs.orphans()).length === 0 && (await jobs.openIntents()).length === 0) return;
      const lines = await this.#alone(async () => [
        ...(await endLostRuns(this.#parts, call)),
        ...(await settleEndedRuns(this.#parts, call)),
      ]);
      for (const line of lines) call.log('info', line);
    } catch (problem) {
      if (isHoldfastError(problem, 'CANCELLED')) throw problem;
      call.log('warn', `cleaning up after earlier runs failed: ${messageOf(problem)}`);
    }
  }

  /** What `clean` would do; changes nothing. */
  async leftovers(call: Call): Promise<readonly string[]> {
    const { jobs } = this.#parts.catalog;
    const open = await jobs.openIntents();
    const orphans = await jobs.orphans();
    const lost = new Set(orphans.map(({ id }) => id));
    const lines = orphans.map(({ id, kind, machineName }) => {
      const count = open.filter(({ run }) => run === id).length;
      return `run ${id} (${kind} ${machineName}) was left by a process that died, with ${count} things to take back`;
    });
    for (const intent of open) {
      const run = await jobs.get(intent.run);
      if (lost.has(intent.run) || run === null || run.state === 'running' || run.state === 'waiting') continue;
      lines.push(`run ${run.id} (${run.kind} ${run.machineName}) ended, but its ${intent.kind} is not taken back yet`);
    }
    const { strays, unseen } = await findStrays(this.#parts, call);
    // Until the run is ended its intents are open, so what belongs to it is not among these.
    lines.push(...strays.map(({ endpoint, thing }) => `${titleOf(thing)} on ${endpoint} belongs to no run`), ...unseen);
    return lines;
  }

  /** Forgets records of runs of long ago, a thousand at once. Changes nothing where there are none. */
  async forgetOldRuns(): Promise<string[]> {
    const { catalog, now } = this.#parts;
    const count = await catalog.jobs.prune(now() - keptMs, keptRuns);
    return count === 0 ? [] : [`forgot the records of ${count} runs of long ago`];
  }

  async #alone(work: () => Promise<string[]>): Promise<readonly string[]> {
    const { catalog, holder } = this.#parts;
    const lease = await catalog.leases.take(leaseName, holder, leaseMs);
    if (lease === null) return [];
    try {
      return await work();
    } finally {
      await catalog.leases.release(lease).catch(() => {});
    }
  }
}
