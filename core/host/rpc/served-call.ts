import type { Call, LogLevel, Progress } from '@holdfast/api';
import type { CallHead, Message } from './messages.ts';
import { pack } from './pack.ts';
import { unpackError } from './wire-error.ts';

const progressEveryMs = 100;
const linesPerSecond = 200;
const maxLine = 4096;

/** A call on the side that serves it: its signal follows the other side, its log and progress go there. */
export class ServedCall implements Call {
  readonly deadline: number | null;
  readonly who: string;
  readonly #id: number;
  readonly #post: (message: Message) => void;
  readonly #controller = new AbortController();
  #progressAt = Number.NEGATIVE_INFINITY;
  #waiting: Progress | null = null;

  constructor(id: number, head: CallHead, post: (message: Message) => void) {
    this.#id = id;
    this.#post = post;
    this.deadline = head.deadline;
    this.who = head.who;
    if (head.aborted !== undefined) this.abort(unpackError(head.aborted));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly log = (level: LogLevel, message: string): void => {
    const text = this.#lines.next(String(message));
    if (text !== null) this.#post({ t: 'note', id: this.#id, level, text });
  };

  /** Reports that come too fast are held back; the last one always arrives. */
  readonly progress = (progress: Progress): void => {
    const now = performance.now();
    if (now - this.#progressAt < progressEveryMs) this.#waiting = progress;
    else this.#send(progress, now);
  };

  readonly #lines = new LineLimit();

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** Sends what was held back. Called once, before the answer. */
  finish(): void {
    if (this.#waiting !== null) this.#send(this.#waiting, performance.now());
  }

  #send(progress: Progress, now: number): void {
    this.#progressAt = now;
    this.#waiting = null;
    this.#post({ t: 'progress', id: this.#id, progress: pack(progress).value });
  }
}

/** Lets so many lines a second pass, with a burst of five seconds' worth, and says how many it dropped. */
export class LineLimit {
  #left = linesPerSecond * 5;
  #at = performance.now();
  #dropped = 0;

  /** The line as it may be sent, or `null` when it is dropped. */
  next(line: string): string | null {
    const now = performance.now();
    this.#left = Math.min(linesPerSecond * 5, this.#left + ((now - this.#at) / 1000) * linesPerSecond);
    this.#at = now;
    if (this.#left < 1) {
      this.#dropped += 1;
      return null;
    }
    this.#left -= 1;
    const text = line.slice(0, maxLine);
    if (this.#dropped === 0) return text;
    const dropped = this.#dropped;
    this.#dropped = 0;
    return `${text} (${dropped} lines before this one were dropped: too many at once)`;
  }
}
