import { type ErrorCode, type ErrorFacts, HoldfastError, isHoldfastError } from '@holdfast/api';
import { describe, RemoteFailure } from '../guard/failure.ts';

const maxText = 4096;

/** Something thrown, as it crosses: an expected failure by its code, anything else by its text and stack. */
export type WireError =
  | {
      readonly code: string;
      readonly message: string;
      readonly remedy: string | null;
      readonly facts: ErrorFacts;
      readonly stack: string;
    }
  | { readonly code: null; readonly message: string; readonly stack: string };

/** Never throws, whatever was thrown. */
export function packError(thrown: unknown): WireError {
  const { text, stack } = describe(thrown);
  try {
    if (!isHoldfastError(thrown)) return { code: null, message: text, stack };
    return {
      code: String(thrown.code).slice(0, 100),
      message: String(thrown.message).slice(0, maxText),
      remedy: thrown.remedy === undefined ? null : String(thrown.remedy).slice(0, maxText),
      facts: packFacts(thrown.facts),
      stack,
    };
  } catch {
    return { code: null, message: text, stack };
  }
}

function packFacts(facts: unknown): ErrorFacts {
  if (typeof facts !== 'object' || facts === null) return {};
  const kept: [string, string | number | boolean | null][] = [];
  for (const [key, value] of Object.entries(facts).slice(0, 50)) {
    if (typeof value === 'string') kept.push([key, value.slice(0, maxText)]);
    else if (value === null || typeof value === 'number' || typeof value === 'boolean') kept.push([key, value]);
  }
  return Object.fromEntries(kept);
}

/** The error on this side. What was expected there is expected here; the rest keeps the stack of where it happened. */
export function unpackError(error: WireError): Error {
  if (error.code === null) return new RemoteFailure(error.message, error.stack);
  const expected = new HoldfastError(error.code as ErrorCode, error.message, {
    ...(error.remedy === null ? {} : { remedy: error.remedy }),
    facts: error.facts,
  });
  expected.stack = error.stack;
  return expected;
}
