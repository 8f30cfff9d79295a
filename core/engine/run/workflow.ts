import type { Artifacts, PointRef, Step } from '@holdfast/api';
import { HoldfastError, throwIfCancelled } from '@holdfast/api';
import { systemClock } from '../../base/clock.ts';
import type { RunContext } from './context.ts';
import { failureOf, messageOf, stackOf } from './failure.ts';
import { actQuietly, type Undone, undoIntents } from './intents.ts';
import { withPatience } from './patience.ts';
import { retryScope } from './retry.ts';
import { StepRecords } from './step-records.ts';
import { openStepRun } from './step-run.ts';
import { stepsToRun } from './steps-to-run.ts';

/** One attempt that failed. */
export interface FailedAttempt {
  /** Index of the step, from 0. */
  readonly step: number;
  readonly use: string;
  readonly attempt: number;
  readonly code: string;
  readonly message: string;
}

/** What came of a workflow. */
export interface WorkflowOutcome {
  /** All that was given, what ended with the run included. */
  readonly artifacts: Artifacts;
  /** Restore points that were made, of all targets. */
  readonly points: readonly PointRef[];
  /** Why it did not come to its end; `null` when it did. */
  readonly problem: { readonly thrown: unknown; readonly use: string } | null;
  readonly failedAttempts: readonly FailedAttempt[];
  /** What was taken back, one line each. */
  readonly cleaned: readonly string[];
  /** Why something could not be taken back; a janitor tries again. */
  readonly left: readonly unknown[];
}

/** Runs the steps of a workflow in order, with retries, and takes back in reverse order what is not meant to last, whatever happened. */
export class WorkflowRun {
  readonly #context: RunContext;
  readonly #stop: AbortSignal;
  readonly #input: Artifacts;
  readonly #records: StepRecords;
  readonly #outputs = new Map<number, Artifacts>();
  /** Steps that gave something passing in this process, in the order in which they did. */
  readonly #passing: number[] = [];
  readonly #failedAttempts: FailedAttempt[] = [];
  readonly #cleaned: string[] = [];
  readonly #left: unknown[] = [];
  #steps: readonly Step[] = [];

  /**
   * @param stop Aborts when the run shall stop: by the user's wish, or because it belongs to another process now.
   * @param input What the first step is given.
   */
  constructor(context: RunContext, stop: AbortSignal, input: Artifacts) {
    this.#context = context;
    this.#stop = stop;
    this.#input = input;
    this.#records = new StepRecords(context);
  }

  async execute(): Promise<WorkflowOutcome> {
    let problem: WorkflowOutcome['problem'] = null;
    try {
      await this.#load();
      problem = await this.#runAll();
    } catch (thrown) {
      problem = { thrown, use: this.#context.run.steps[0]?.use ?? 'none' };
    }
    const artifacts = this.#artifactsBefore(this.#steps.length);
    const points = [...this.#outputs.values()].flatMap((output) => output['restore-point'] ?? []);
    // In the name of another process nothing may be taken back; its janitor does it.
    if (!this.#context.heartbeat.fenced.aborted) await this.#takeBackAll();
    const { failedAttempts, cleaned, left } = {
      failedAttempts: this.#failedAttempts,
      cleaned: this.#cleaned,
      left: this.#left,
    };
    return { artifacts, points, problem, failedAttempts, cleaned, left };
  }

  async #load(): Promise<void> {
    const { host, run } = this.#context;
    this.#steps = await Promise.all(run.steps.map(({ use }) => host.step(use)));
    for (const { index, state, output } of await this.#records.load()) {
      const isLasting = this.#steps[index] !== undefined && this.#steps[index].finish === undefined;
      if (state === 'done' && output !== null && isLasting) this.#outputs.set(index, output);
    }
  }

  /** Goes on until nothing is to be run any more; answers why it could not, or `null`. */
  async #runAll(): Promise<WorkflowOutcome['problem']> {
    for (;;) {
      const [index] = stepsToRun(this.#steps.map((step, at) => this.#shape(step, at)));
      if (index === undefined) return null;
      const { use } = this.#records.planned(index);
      const movedBefore = this.#context.mover.moved.length;
      try {
        throwIfCancelled(this.#stop, `step ${use}`);
        await this.#attempt(index);
      } catch (thrown) {
        await this.#afterFailure(index, thrown, movedBefore);
        const attempt = this.#attemptsOf(index);
        const scope = this.#stop.aborted ? null : retryScope(thrown);
        const pauseMs = this.#context.timing.backoffMs[attempt - 1];
        if (scope === null || pauseMs === undefined) return { thrown, use };
        const again = scope === 'workflow' ? `step ${use} and what it needs` : `step ${use}`;
        const decision = `do ${again} again, attempt ${attempt + 1}, after ${pauseMs} ms`;
        this.#context.journal.because({ decision, because: messageOf(thrown) });
        if (scope === 'workflow') await this.#takeBackPassing();
        // A wish to stop ends the pause; the next round sees it.
        await systemClock.sleep(pauseMs, this.#stop).catch(() => {});
      }
    }
  }

  async #attempt(index: number): Promise<void> {
    const { journal, slots, meter, timing, now } = this.#context;
    const { use, settings } = this.#records.planned(index);
    const step = this.#step(index);
    const resume = this.#records.checkpoint(index);
    meter.reset();
    await this.#records.save(index, { state: 'running', startedAt: now(), endedAt: null, output: null, error: null });
    const open = openStepRun(this.#context, {
      index,
      use,
      attempt: this.#attemptsOf(index) + 1,
      resume,
      signal: this.#stop,
      save: (checkpoint) => this.#records.save(index, { checkpoint }),
    });
    try {
      journal.log('debug', `step ${index + 1} (${use}) begins`);
      // A step may throw before it answers a promise.
      const work = (async () => step.run(this.#artifactsBefore(index), settings, open.run))();
      const output = await withPatience(work, this.#stop, timing.graceMs, `step ${use}`);
      checkOutput(use, step, output);
      this.#outputs.set(index, output);
      if (step.finish !== undefined) this.#passing.push(index);
      await this.#records.save(index, { state: 'done', endedAt: now(), output });
    } finally {
      open.close();
      if (!this.#outputs.has(index)) await this.#quietly(() => slots.releaseAll(index));
    }
  }

  /** Brings an attempt that failed into a safe state and records it. */
  async #afterFailure(index: number, thrown: unknown, movedBefore: number): Promise<void> {
    const { heartbeat, journal, mover, repositories, quietCall, now } = this.#context;
    const { use } = this.#records.planned(index);
    const wasStopped = this.#stop.aborted;
    const { code, message } = failureOf(thrown, `step ${use}`);
    const stack = stackOf(thrown);
    mover.forgetAfter(movedBefore);
    await this.#quietly(async () => {
      if (!heartbeat.fenced.aborted && !this.#outputs.has(index)) await this.#undo(index);
      for (const target of await repositories.abandonAll(quietCall))
        this.#cleaned.push(`gave up the restore point that was being written to ${target}`);
    });
    journal.log(wasStopped ? 'info' : 'error', `step ${index + 1} (${use}): ${message}`);
    if (stack !== null && !wasStopped) journal.log('error', stack);
    const attempt = this.#attemptsOf(index) + 1;
    if (!wasStopped) this.#failedAttempts.push({ step: index, use, attempt, code, message });
    const state = wasStopped ? 'cancelled' : 'failed';
    await this.#quietly(() => this.#records.save(index, { state, endedAt: now(), error: { code, message } }));
  }

  async #takeBackAll(): Promise<void> {
    await this.#takeBackPassing();
    await this.#quietly(async () => {
      const { left } = await this.#undo();
      this.#left.push(...left.map(({ problem }) => problem));
    });
    await this.#quietly(() => this.#context.slots.releaseAll());
  }

  /** Takes back passing results, the newest first, so that they can be made anew or the run can end. */
  async #takeBackPassing(): Promise<void> {
    for (let index = this.#passing.pop(); index !== undefined; index = this.#passing.pop()) {
      const step = this.#step(index);
      const output = this.#outputs.get(index) ?? {};
      const { use, settings } = this.#records.planned(index);
      const of = { index, use, resume: this.#records.checkpoint(index) };
      this.#outputs.delete(index);
      try {
        await actQuietly(this.#context, of, this.#cleaned, async (run) => step.finish?.(output, settings, run));
      } catch (problem) {
        this.#context.journal.log('error', `what step ${use} made could not be taken back: ${messageOf(problem)}`);
        // Where an intent is open, undoing it decides in the end whether something is left.
        const open = await this.#context.catalog.jobs.openIntents(this.#context.run.id);
        if (!open.some(({ step: at }) => at === index)) this.#left.push(problem);
      }
      await this.#quietly(() => this.#context.slots.releaseAll(index));
    }
  }

  async #undo(index?: number): Promise<Undone> {
    const undone = await undoIntents(this.#context, (at) => this.#records.checkpoint(at), index);
    this.#cleaned.push(...undone.cleaned);
    return undone;
  }

  /** Does something on the way out that must not hide why this is the way out. */
  async #quietly(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (problem) {
      this.#context.journal.log('warn', `while cleaning up: ${messageOf(problem)}`);
      this.#left.push(problem);
    }
  }

  #artifactsBefore(index: number): Artifacts {
    let artifacts = this.#input;
    for (let at = 0; at < index; at += 1) artifacts = { ...artifacts, ...this.#outputs.get(at) };
    return artifacts;
  }

  #attemptsOf(index: number): number {
    return this.#failedAttempts.filter(({ step }) => step === index).length;
  }

  #shape({ needs, gives, finish }: Step, index: number) {
    return { needs, gives, isPassing: finish !== undefined, hasOutput: this.#outputs.has(index) };
  }

  #step(index: number): Step {
    const step = this.#steps[index];
    if (step === undefined) throw new HoldfastError('PLUGIN_FAILED', `step ${index + 1} was not loaded`);
    return step;
  }
}

/** What a step promised has to be there, or the next one would fail in its place. */
function checkOutput(use: string, step: Step, output: Artifacts): void {
  const given: ReadonlySet<string> = new Set(typeof output === 'object' && output !== null ? Object.keys(output) : []);
  const missing = step.gives.find((port) => !given.has(port));
  if (missing !== undefined)
    throw new HoldfastError('PLUGIN_FAILED', `step ${use} promised a ${missing} and did not give it`, {
      remedy: 'update or remove its plugin; `holdfast plugin list` shows whose it is',
    });
}
