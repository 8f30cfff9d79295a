import type { Call } from './call.ts';
import type { CheckItem } from './hypervisor.ts';

/**
 * What a notice is about: a run that failed or was missed, a recovery point objective that is not met, all of it in one (`digest`), something that is
 * in order again (`cleared`), or nothing but whether notices arrive (`test`).
 */
export type NoticeKind = 'run-failed' | 'run-missed' | 'rpo-missed' | 'schedule' | 'digest' | 'cleared' | 'test';

/** Something that administrators should hear. */
export interface Notice {
  /** The same when it is sent again, so that a receiver can tell repetitions. */
  readonly id: string;
  /** Epoch milliseconds of what happened. */
  readonly at: number;
  readonly kind: NoticeKind;
  readonly severity: 'info' | 'warning' | 'critical';
  /** One line without control characters, 200 characters at most: `web-07: RPO missed by 3 h 12 min`. */
  readonly title: string;
  /** Plain text of several lines, without control characters but line feeds, 64 Ki characters at most. */
  readonly text: string;
  /** What to do about it: a command line, where there is one. */
  readonly remedy: string | null;
  /** Name of the installation that it comes from. */
  readonly from: string;
  /** For programs: machine, policy, workflow, run, error code and the like. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

/** A way to reach administrators, as one configured instance. */
export interface Notifier {
  /**
   * Delivers one notice. Throws `NOTIFY_FAILED` when it may not have arrived; core then tries again later, so a notice can arrive twice and is never
   * lost. Throws `NOTIFY_REFUSED` when trying again cannot help.
   */
  send(notice: Notice, call: Call): Promise<void>;
  /** Tries what sending will need, and sends nothing. */
  check(call: Call): Promise<readonly CheckItem[]>;
  /** The host calls it once. */
  close(call: Call): Promise<void>;
}
