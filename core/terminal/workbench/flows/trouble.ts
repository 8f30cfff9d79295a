import { type CommandResult, type ErrorEntry, errorCodes, isHoldfastError } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';

/** What went wrong, as a page tells it: what happened, and what to do next. */
export interface Trouble {
  readonly code: string;
  readonly text: SafeText;
  readonly remedy: SafeText | null;
}

const entries: Readonly<Record<string, ErrorEntry>> = errorCodes;

function trouble(code: string, text: string, remedy: string | undefined): Trouble {
  const known = remedy ?? entries[code]?.remedy ?? '';
  return { code, text: safeText(text), remedy: known === '' ? null : safeText(known) };
}

/** Sorts what was thrown: an expected failure with its remedy, or a bug. */
export function troubleOf(thrown: unknown): Trouble {
  if (isHoldfastError(thrown)) return trouble(thrown.code, thrown.message, thrown.remedy);
  return trouble('INTERNAL', `a bug: ${thrown instanceof Error ? thrown.message : String(thrown)}`, undefined);
}

/** Bad news of a command that did its work; `null` when there is none. */
export function troubleIn({ failure }: CommandResult): Trouble | null {
  return failure === undefined ? null : trouble(failure.code, failure.message, failure.remedy);
}
