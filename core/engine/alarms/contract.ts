import type { Call, Notice } from '@holdfast/api';

/** Something that is not as it should be and stays so until it is cleared. */
export interface Alarm {
  /** The same for the same trouble: `rpo lab/web-07`, `missed gold/backup`, `failed lab/web-07`, `schedule gold/backup`. */
  readonly key: string;
  readonly kind: Notice['kind'];
  readonly severity: Notice['severity'];
  readonly title: string;
  readonly text: string;
  readonly remedy: string | null;
  readonly facts: Notice['facts'];
  /** Epoch milliseconds. */
  readonly since: number;
  readonly clearedAt: number | null;
}

/** What watches over promises and tells administrators. */
export interface AlarmEngine {
  /** Compares what is with what was promised: raises and clears alarms, and queues one notice for each that changed. Idempotent. */
  look(call: Call): Promise<readonly Alarm[]>;
  /** Queues digests that are due and sends what is queued; what fails is tried again later, longer and longer apart. Answers how many were sent. */
  deliver(call: Call): Promise<number>;
  /** Alarms that are up now, gravest and oldest first. */
  open(): Promise<readonly Alarm[]>;
}
