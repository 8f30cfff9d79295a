import type { Plain } from '@holdfast/api';

/** What this step writes down of itself: in its intent, and in its checkpoint. */
export interface SnapshotState {
  readonly endpoint?: string;
  readonly machine?: string;
  readonly snapshot?: string;
  /** Name of the machine, for people. */
  readonly title?: string;
  readonly intent?: string;
}

/** Reads what an earlier process wrote down; what is missing or of another kind is left out. */
export function readState(state: Plain): SnapshotState {
  if (typeof state !== 'object' || state === null || Array.isArray(state) || state instanceof Uint8Array) return {};
  const read: Record<string, string> = {};
  for (const key of ['endpoint', 'machine', 'snapshot', 'title', 'intent'] as const) {
    const value: unknown = Object.hasOwn(state, key) ? Reflect.get(state, key) : undefined;
    if (typeof value === 'string') read[key] = value;
  }
  return read;
}
