/** Data that crosses the plugin boundary unchanged: everything that structured cloning carries without behaviour. */
export type Plain =
  | null
  | undefined
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/** How loud a log line is. `debug` is shown only when asked for. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where a call has got to. All fields but `phase` may be missing when they are not known. */
export interface Progress {
  /** A short verb phrase in the present tense, for example `reading disk vda`. */
  readonly phase: string;
  /** Work done so far, in bytes. */
  readonly doneBytes?: number;
  /** All of the work, in bytes; an estimate may change while the call runs. */
  readonly totalBytes?: number;
  /** Recent speed, in bytes per second. */
  readonly bytesPerSecond?: number;
  /** Time still needed, in milliseconds. */
  readonly etaMs?: number;
  /** What holds the work up most right now. */
  readonly bottleneck?: 'source' | 'network' | 'proxy' | 'target' | 'media';
}

/**
 * What every call across the plugin boundary carries, always as its last parameter.
 * A plugin stops when `signal` aborts, and answers before `deadline` or throws `TIMEOUT`.
 */
export interface Call {
  /** Aborts when the caller no longer wants the answer. The callee leaves the world in a safe state and throws `CANCELLED`. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds after which the caller gives up; `null` means no limit. */
  readonly deadline: number | null;
  /** Who asked: a user's name, or `schedule`, `janitor`, `test`. For logs and audit, never for access control. */
  readonly who: string;
  /** Writes one line to the log of the run or command that this call belongs to. Control characters are made visible by the host. */
  log(level: LogLevel, message: string): void;
  /** Reports how far the call has got. At most about ten times a second is useful; the host drops the rest. */
  progress(progress: Progress): void;
}

/** The parts of a `Call` that a caller may set; the rest gets a quiet default. */
export type CallOptions = Partial<Call>;

/** Makes a `Call`: by default never aborted, without deadline, silent, asked for by `who: 'system'`. */
export function makeCall(options: CallOptions = {}): Call {
  return {
    signal: options.signal ?? new AbortController().signal,
    deadline: options.deadline ?? null,
    who: options.who ?? 'system',
    log: options.log ?? (() => {}),
    progress: options.progress ?? (() => {}),
  };
}
