import { HoldfastError, type Plain } from '@holdfast/api';
import type { PlannedStep, StepRecord } from '../../catalog/contract.ts';
import type { RunContext } from './context.ts';

/** What the catalog keeps of the steps of a run. */
export class StepRecords {
  readonly #context: Pick<RunContext, 'run' | 'catalog' | 'heartbeat'>;
  readonly #records = new Map<number, StepRecord>();

  constructor(context: Pick<RunContext, 'run' | 'catalog' | 'heartbeat'>) {
    this.#context = context;
  }

  /** Reads what earlier attempts left. */
  async load(): Promise<readonly StepRecord[]> {
    const records = await this.#context.catalog.jobs.steps(this.#context.run.id);
    for (const record of records) this.#records.set(record.index, record);
    return records;
  }

  checkpoint(index: number): Plain {
    return this.#records.get(index)?.checkpoint ?? null;
  }

  async save(index: number, change: Partial<Omit<StepRecord, 'run' | 'index' | 'use'>>): Promise<void> {
    const { run, catalog, heartbeat } = this.#context;
    const { use } = this.planned(index);
    const blank = { startedAt: null, endedAt: null, checkpoint: null, output: null, error: null };
    const before = this.#records.get(index) ?? { run: run.id, index, use, state: 'waiting', ...blank };
    const record: StepRecord = { ...before, ...change };
    this.#records.set(index, record);
    await catalog.jobs.saveStep(heartbeat.lease, record);
  }

  planned(index: number): PlannedStep {
    const planned = this.#context.run.steps[index];
    if (planned === undefined)
      throw new HoldfastError(
        'WORKFLOW_INVALID',
        `the workflow of run ${this.#context.run.id} has no step ${index + 1}`,
      );
    return planned;
  }
}
