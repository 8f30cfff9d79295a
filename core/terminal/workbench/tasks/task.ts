import type { CommandResult, LogLevel, Plain, Progress } from '@holdfast/api';
import type { Failure } from './failure.ts';

export type TaskState = 'running' | 'done' | 'partial' | 'failed' | 'cancelled';

/** A line that a command said. */
export interface TaskLine {
  readonly at: number;
  readonly level: LogLevel;
  readonly text: string;
  /** The task it belongs to. */
  readonly task: number;
}

/** A command that this person started here. */
export interface Task {
  readonly id: number;
  readonly command: string;
  readonly args: Readonly<Record<string, Plain>>;
  readonly title: string;
  readonly line: string;
  readonly startedAt: number;
  endedAt: number | null;
  state: TaskState;
  progress: Progress | null;
  /** The run that it began; `null` while it has begun none. */
  run: string | null;
  /** Set once somebody asked it to stop. */
  stoppingSince: number | null;
  result: CommandResult | null;
  failure: Failure | null;
  readonly call: AbortController;
}
