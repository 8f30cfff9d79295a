import { setTimeout as wait } from 'node:timers/promises';
import { type Call, cancelled, isHoldfastError, type ObjectStore } from '@holdfast/api';

const RETRY_AFTER_MS = [200, 1000, 4000];
/** Failures that may pass. */
const PASSING = ['TIMEOUT', 'TARGET_UNREACHABLE', 'PLUGIN_FAILED'] as const;
/** Failures of one object alone: another one, with another name, may well be taken. */
const OF_ONE_OBJECT = ['OBJECT_EXISTS', 'OBJECT_LOCKED'] as const;

/** Whether something is wrong with one object alone, rather than with the target, or with us. */
export function isOfOneObject(cause: unknown): boolean {
  return OF_ONE_OBJECT.some((code) => isHoldfastError(cause, code));
}

/**
 * Puts an object that nobody else puts. After a failure that may pass it is tried again, with the same bytes only.
 * @throws What the store threw last.
 */
export async function putObject(store: ObjectStore, name: string, body: Uint8Array, call: Call): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await store.put(name, body, { ifAbsent: true }, call);
      return;
    } catch (cause) {
      // An attempt that was reported as failed may have succeeded.
      if (attempt > 0 && isHoldfastError(cause, 'OBJECT_EXISTS') && (await holds(store, name, body, call))) return;
      const pause = RETRY_AFTER_MS[attempt];
      if (pause === undefined || !PASSING.some((code) => isHoldfastError(cause, code))) throw cause;
      call.log('warn', `putting ${name} failed and is tried again: ${String(cause)}`);
      await wait(pause, undefined, { signal: call.signal }).catch(() => {
        throw cancelled(`putting ${name}`);
      });
    }
  }
}

/** Whether an object is there with these very bytes. */
export async function holds(store: ObjectStore, name: string, body: Uint8Array, call: Call): Promise<boolean> {
  let at = 0;
  for await (const part of store.get(name, null, call)) {
    if (Buffer.compare(part, body.subarray(at, at + part.length)) !== 0) return false;
    at += part.length;
  }
  return at === body.length;
}
