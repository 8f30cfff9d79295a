import type { ErrorCode } from './error-codes.ts';

/** Facts of an error for logs and `--json`; never a secret. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | null>>;

/** What an error carries besides its message. */
export interface ErrorDetails {
  /** What to do next, as one instruction. Default is the remedy of the code in the table. */
  readonly remedy?: string;
  readonly facts?: ErrorFacts;
  readonly cause?: unknown;
}

/**
 * An expected failure: it says what happened, to what, and what to do next. Anything else that is thrown is a bug.
 * It is recognised by `code`, never by `instanceof`, because it may have crossed a thread or a process.
 */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError';
  /** Stable; documented in docs/errors.md. */
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly facts: ErrorFacts;

  /** @param message What happened, to what: lower case, no full stop. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.remedy = details.remedy;
    this.facts = details.facts ?? {};
  }
}

/** Whether something thrown is an expected failure, wherever it was made. With `code`: whether it is that one. */
export function isHoldfastError(thrown: unknown, code?: ErrorCode): thrown is HoldfastError {
  return (
    thrown instanceof Error &&
    thrown.name === 'HoldfastError' &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    (code === undefined || thrown.code === code)
  );
}

/** The error of a call whose signal has aborted. */
export function cancelled(what: string): HoldfastError {
  return new HoldfastError('CANCELLED', `${what} was cancelled`);
}

/** Throws `CANCELLED` when the signal has aborted. */
export function throwIfCancelled(signal: AbortSignal, what: string): void {
  if (signal.aborted) throw cancelled(what);
}
