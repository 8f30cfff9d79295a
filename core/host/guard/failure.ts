import { type Call, cancelled, type ErrorCode, errorCodes, HoldfastError, isHoldfastError } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';

/** Longest message of a plugin that is kept. */
const maxMessage = 2000;
const maxFacts = 50;

/** What is known of a failure's surroundings. */
export interface Where {
  readonly plugin: string;
  /** What was called, for people: `disk-main put`. */
  readonly what: string;
  /** The call that failed, where there was one. */
  readonly call: Call | null;
  /** Gets the stack of what is nobody's expected failure. */
  readonly log: (level: 'error', message: string) => void;
}

/**
 * What something thrown by a plugin becomes for the rest of Holdfast: an expected failure stays what it is, with its
 * text made safe to show; a cancellation becomes `CANCELLED`; anything else is `PLUGIN_FAILED`, with its stack in the log.
 */
export function failureOf(thrown: unknown, where: Where): HoldfastError {
  const expected = expectedFailure(thrown);
  if (expected !== null) return expected;
  const signal = where.call?.signal;
  // At its deadline a call is aborted with the reason that it has run out of time.
  if (signal?.aborted === true) return expectedFailure(signal.reason) ?? cancelled(where.what);
  const { text, stack } = describe(thrown);
  where.log('error', `${where.plugin} failed in ${where.what}: ${stack}`);
  return new HoldfastError('PLUGIN_FAILED', `${where.plugin} failed in ${where.what}: ${text}`, {
    remedy: `see \`holdfast plugin show ${where.plugin}\`; this is a fault of the plugin: report it to its author`,
    facts: { plugin: where.plugin, what: where.what },
    cause: thrown,
  });
}

/** The expected failure that something thrown is, or `null`. Looks once at each property: what is thrown may be made to mislead. */
function expectedFailure(thrown: unknown): HoldfastError | null {
  try {
    if (!isHoldfastError(thrown)) return null;
    const code: ErrorCode = thrown.code;
    if (!Object.hasOwn(errorCodes, code)) return null;
    const message = String(thrown.message);
    const remedy = thrown.remedy;
    const safeMessage = safeText(message, maxMessage);
    const isSafe = safeMessage === message && (remedy === undefined || safeText(String(remedy), maxMessage) === remedy);
    if (isSafe && thrown instanceof HoldfastError) return thrown;
    return new HoldfastError(code, safeMessage, {
      ...(remedy === undefined ? {} : { remedy: safeText(String(remedy), maxMessage) }),
      facts: plainFacts(thrown.facts),
      cause: thrown,
    });
  } catch {
    return null;
  }
}

function plainFacts(facts: unknown): Record<string, string | number | boolean | null> {
  if (typeof facts !== 'object' || facts === null) return {};
  const kept = Object.entries(facts)
    .slice(0, maxFacts)
    .filter(([, value]) => value === null || ['string', 'number', 'boolean'].includes(typeof value));
  return Object.fromEntries(kept) as Record<string, string | number | boolean | null>;
}

/** Something unexpected that was thrown on the other side of a port: told as it would have been told there. */
export class RemoteFailure extends Error {
  override readonly name = 'RemoteFailure';
  readonly text: string;

  constructor(text: string, stack: string) {
    super(text);
    this.text = text;
    this.stack = stack;
  }
}

/** Text and stack of anything at all, whatever its getters do. */
export function describe(thrown: unknown): { readonly text: string; readonly stack: string } {
  try {
    if (thrown instanceof Error) {
      const told = thrown instanceof RemoteFailure ? thrown.text : `${String(thrown.name)}: ${String(thrown.message)}`;
      const text = safeText(told, maxMessage);
      const stack = typeof thrown.stack === 'string' ? thrown.stack.slice(0, 16_384) : text;
      return { text, stack };
    }
    const text = safeText(`threw ${typeof thrown}: ${String(thrown)}`, maxMessage);
    return { text, stack: text };
  } catch {
    const text = `threw a ${typeof thrown} that cannot be looked at`;
    return { text, stack: text };
  }
}
