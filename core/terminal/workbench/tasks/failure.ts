import { type ErrorEntry, errorCodes, isHoldfastError } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';

/** What went wrong, for a person. */
export interface Failure {
  readonly code: string;
  readonly text: SafeText;
  readonly remedy: SafeText | null;
  /** Nobody expected it: a fault of the program or of a plugin. */
  readonly isBug: boolean;
}

const entries: Readonly<Record<string, ErrorEntry>> = errorCodes;

/** Words anything that was thrown, whatever it is. */
export function failureOf(thrown: unknown): Failure {
  if (isHoldfastError(thrown)) {
    const { code, message } = thrown;
    const remedy = thrown.remedy ?? entries[code]?.remedy ?? '';
    return { code, text: safeText(message), remedy: remedy === '' ? null : safeText(remedy), isBug: false };
  }
  const text =
    thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `something was thrown: ${String(thrown)}`;
  return { code: 'INTERNAL', text: safeText(text), remedy: null, isBug: true };
}
