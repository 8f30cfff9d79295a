import { type ErrorEntry, errorCodes, isHoldfastError } from '@holdfast/api';
import { safeText } from '../model/text/safe-text.ts';
import { paint } from '../shell/render/paint.ts';
import type { TextStyle } from '../shell/render/text-style.ts';

/** An error as a front tells it. */
export interface Failure {
  readonly exit: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  /** Only of bugs. */
  readonly stack: string | null;
}

const entries: Readonly<Record<string, ErrorEntry>> = errorCodes;

/** Sorts what was thrown: an expected failure, or a bug with its stack. */
export function failureOf(thrown: unknown): Failure {
  if (isHoldfastError(thrown)) {
    const entry = entries[thrown.code] ?? errorCodes.INTERNAL;
    return {
      exit: entry.exit,
      code: thrown.code,
      message: thrown.message,
      remedy: thrown.remedy ?? entry.remedy,
      facts: thrown.facts ?? {},
      stack: null,
    };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const stack = thrown instanceof Error ? (thrown.stack ?? message) : message;
  const { exit, remedy } = errorCodes.INTERNAL;
  return { exit, code: 'INTERNAL', message: `a bug: ${message}`, remedy, facts: {}, stack };
}

/** What happened, to what, what to do next; the stack of a bug below. */
export function failureLines(failure: Failure, style: TextStyle): readonly string[] {
  const sign = failure.exit === 130 ? paint('○', 'quiet', style) : paint('✗', 'bad', style);
  const stack = failure.stack === null ? [] : failure.stack.split('\n').map((line) => `    ${safeText(line.trim())}`);
  return [
    `${sign} ${safeText(failure.message)} ${paint(`[${safeText(failure.code)}]`, 'quiet', style)}`,
    ...(failure.remedy === '' ? [] : [`  → ${safeText(failure.remedy)}`]),
    ...stack,
  ];
}

/** The same for `--json`. */
export function failureJson({ code, message, remedy, facts, exit, stack }: Failure): Readonly<Record<string, unknown>> {
  return { error: { code, message, remedy, facts, exit, ...(stack === null ? {} : { stack }) } };
}
