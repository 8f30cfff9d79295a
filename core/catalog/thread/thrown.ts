import { HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Thrown } from './messages.ts';

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** What was thrown, as data: structured cloning keeps neither code nor remedy. */
export function packThrown(thrown: unknown): Thrown {
  const { cause, stack } = thrown instanceof Error ? thrown : {};
  const known = isHoldfastError(thrown) ? thrown : null;
  return {
    message: messageOf(thrown),
    stack,
    code: known?.code ?? null,
    remedy: known?.remedy,
    facts: known?.facts ?? {},
    cause: cause === undefined ? null : messageOf(cause),
  };
}

/** The error that was thrown on the other thread, with the stack that it had there. */
export function unpackThrown({ message, stack, code, remedy, facts, cause }: Thrown): Error {
  const because = cause === null ? {} : { cause: new Error(cause) };
  const error =
    code === null
      ? new Error(message, because)
      : new HoldfastError(code, message, { ...because, facts, ...(remedy === undefined ? {} : { remedy }) });
  if (stack !== undefined) error.stack = stack;
  return error;
}
