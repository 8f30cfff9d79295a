import type { Installation } from './holdfast.ts';

/** What the tests look at of a run. */
export interface Run {
  readonly id: string;
  readonly state: string;
  readonly machine: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly result: {
    readonly point: { readonly point: string };
    readonly snapshot: { readonly consistency: string; readonly frozenMs: number };
    readonly disks: Readonly<Record<string, { readonly readBytes: number; readonly newBytes: number }>>;
  };
}

export interface Reason {
  readonly decision: string;
  readonly because: string;
}

/** A run that has made a restore point. */
export class Protected {
  readonly run: Run;
  readonly why: readonly Reason[];

  constructor(run: Run, why: readonly Reason[]) {
    this.run = run;
    this.why = why;
  }

  get point(): string {
    return this.run.result.point.point;
  }

  get readBytes(): number {
    return Object.values(this.run.result.disks).reduce((sum, { readBytes }) => sum + readBytes, 0);
  }

  /** How each disk was read and why, one line each. */
  get reads(): readonly string[] {
    return this.why
      .filter(({ decision }) => /full|incremental/i.test(decision))
      .map(({ decision, because }) => `${decision}: ${because}`);
  }

  /** For the log of the tests, to be quoted. */
  toString(): string {
    const { snapshot } = this.run.result;
    return `frozen ${snapshot.frozenMs} ms, ${snapshot.consistency}-consistent, read ${this.readBytes} bytes; ${this.reads.join('; ')}`;
  }
}

export const quiesced = ['--quiesce', 'filesystem', '--yes'] as const;

/** The newest run. */
export async function newestRun(installation: Installation): Promise<Run> {
  const { runs } = await installation.json<{ readonly runs: readonly Run[] }>('run', 'list');
  const [run] = runs;
  if (run === undefined) throw new Error('nothing has run');
  return run;
}

/** Protects a machine, its file systems flushed unless the words say otherwise. */
export async function protect(
  installation: Installation,
  machine: string,
  words: readonly string[] = quiesced,
): Promise<Protected> {
  await installation.must('protect', machine, ...words);
  return await outcome(installation);
}

/** What the newest run came to. */
export async function outcome(installation: Installation): Promise<Protected> {
  const run = await newestRun(installation);
  if (run.state !== 'done') throw new Error(`run ${run.id} is ${run.state}: ${run.error?.message}`);
  const why = await installation.json<Record<string, readonly Reason[]>>('run', 'why', run.id);
  return new Protected(run, Object.values(why).find(Array.isArray) ?? []);
}
