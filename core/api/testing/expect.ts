import type { ErrorCode } from '../error-codes.ts';
import { isHoldfastError } from '../errors.ts';

/** A plugin does not do what its contract says. */
export class NotConforming extends Error {
  override readonly name = 'NotConforming';
}

/** Fails with `otherwise`, a sentence about what was found, unless something holds. */
export function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new NotConforming(otherwise);
}

/** Fails unless `work` throws an expected failure with one of these codes. Answers the code. */
export async function demandFailure(
  work: () => Promise<unknown>,
  codes: readonly ErrorCode[],
  what: string,
): Promise<ErrorCode> {
  const thrown = await failureOf(work);
  demand(thrown !== null, `${what} was accepted; it must fail with ${codes.join(' or ')}`);
  demand(isHoldfastError(thrown.reason), `${what} threw ${describe(thrown.reason)}, not a HoldfastError`);
  const { code, message } = thrown.reason;
  demand(codes.includes(code), `${what} failed with ${code} (${message}), not with ${codes.join(' or ')}`);
  demand(message.length > 0, `${what} failed with ${code} and no message`);
  return code;
}

/** Fails unless `work` either succeeds or throws an expected failure. Answers `ok` or the code. */
export async function demandNoBug(work: () => Promise<unknown>, what: string): Promise<'ok' | ErrorCode> {
  const thrown = await failureOf(work);
  if (thrown === null) return 'ok';
  demand(isHoldfastError(thrown.reason), `${what} threw ${describe(thrown.reason)}, not a HoldfastError`);
  demand(thrown.reason.code !== 'PLUGIN_FAILED', `${what} failed: ${thrown.reason.message}`);
  return thrown.reason.code;
}

async function failureOf(work: () => Promise<unknown>): Promise<{ readonly reason: unknown } | null> {
  try {
    await work();
    return null;
  } catch (reason) {
    // A demand within the work has failed: that is the finding, not what was looked for.
    if (reason instanceof NotConforming) throw reason;
    return { reason };
  }
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : typeof thrown;
}

/** Everything that an iterable gives, at most `limit` of it. */
export async function collect<T>(items: AsyncIterable<T>, limit = 1_000_000): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
    demand(all.length <= limit, `more than ${limit} came, and it did not end`);
  }
  return all;
}

/** Reads an iterable to its end and keeps nothing. */
export async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}
