import { type DedupeMode, HoldfastError } from '@holdfast/api';
import type { Instance } from '../../config/contract.ts';
import { parseDuration } from '../../model/policies/duration.ts';
import { openTimetable } from '../../model/schedules/timetable.ts';
import { parseWindow } from '../../model/schedules/window.ts';

/** How chunks that are there already are dealt with on a target. */
export interface DedupeRules {
  readonly mode: DedupeMode;
  /** Whether what landed may be deduplicated at this moment. */
  isOpen(at: number): boolean;
  /** What has waited for so long is deduplicated at once. */
  readonly deadlineMs: number;
}

const dayMs = 86_400_000;
const modes: readonly DedupeMode[] = ['immediate', 'deferred', 'off'];

const always = (): boolean => true;

/**
 * The setting `dedupe` of a target: a mode, or `{ mode, window, deadline }`. Without it chunks are looked up at once.
 * @param zone IANA time zone of the window.
 * @throws `CONFIG_INVALID`, `SCHEDULE_INVALID`.
 */
export function dedupeRules(target: string, instance: Instance | undefined, zone: string): DedupeRules {
  const setting: unknown = instance?.dedupe ?? 'immediate';
  const { mode, window, deadline } = membersOf(setting);
  const known = modes.find((one) => one === mode);
  const deadlineMs = typeof deadline === 'string' ? parseDuration(deadline) : deadline === undefined ? dayMs : null;
  if (known === undefined || deadlineMs === null || !(window === undefined || typeof window === 'string'))
    throw new HoldfastError('CONFIG_INVALID', `the setting targets.${target}.dedupe is not understood`, {
      remedy: "write it like `deferred`, or `{ mode: deferred, window: '22:00-06:00', deadline: 24h }`",
      facts: { target },
    });
  return { mode: known, isOpen: window === undefined ? always : within(window, zone), deadlineMs };
}

/** Whether a target has been told when to deduplicate what lands there. */
export const isDeferred = (instance: Instance | undefined): boolean => membersOf(instance?.dedupe).mode === 'deferred';

function membersOf(setting: unknown): { mode?: unknown; window?: unknown; deadline?: unknown } {
  return typeof setting === 'object' && setting !== null ? setting : { mode: setting };
}

function within(text: string, zone: string): (at: number) => boolean {
  const table = openTimetable({ kind: 'asked' }, { zone, windows: [parseWindow(text)], blackouts: [] });
  return (at) => table.windowFrom(at) === at;
}
