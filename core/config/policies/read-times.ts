import { isHoldfastError } from '@holdfast/api';
import { parseDuration } from '../../model/policies/duration.ts';
import { parseMoment } from '../../model/policies/moment.ts';
import type { Blackout, TimeWindow, When } from '../../model/schedules/contract.ts';
import { parseWhen } from '../../model/schedules/when.ts';
import { parseWindow } from '../../model/schedules/window.ts';
import { most } from './bounds.ts';
import type { Fields, Placed, Reader } from './reader.ts';

/** A duration between two limits, in milliseconds. */
export function duration(
  reader: Reader,
  placed: Placed,
  leastMs: number,
  mostMs: number,
  range: string,
): number | null {
  const { node, path } = placed;
  if (node.kind === 'scalar' && typeof node.value === 'number')
    return reader.refuse(node.spot, path, 'a duration has a unit: 90s, 15m, 4h, 1d, 2w');
  const text = reader.text(placed, 'a duration like 15m, 4h or 1d');
  if (text === null) return null;
  const ms = parseDuration(text);
  if (ms === null) return reader.refuse(node.spot, path, 'is no duration: write it like 90s, 15m, 4h, 1d, 2w or 1h30m');
  return ms >= leastMs && ms <= mostMs ? ms : reader.refuse(node.spot, path, `must be ${range}`);
}

/** What stands under `window` or `windows`; `null` where neither does. */
export function windows(reader: Reader, fields: Fields): readonly TimeWindow[] | null {
  const one = fields.get('window');
  const several = fields.get('windows');
  if (one !== undefined && several !== undefined)
    reader.refuse(several.key, several.path, 'stands beside `window`: keep one of the two');
  const placed = several ?? one;
  if (placed === undefined) return null;
  return reader.list(placed, most.windows).flatMap((item) => oneWindow(reader, item) ?? []);
}

function oneWindow(reader: Reader, placed: Placed): TimeWindow | null {
  const text = reader.text(placed, 'a window like Mon-Fri 22:00-06:00');
  return text === null ? null : understood(reader, placed, () => parseWindow(text));
}

/** When a workflow runs, by `schedule`, `every` or neither. */
export function when(reader: Reader, fields: Fields): When {
  const schedule = fields.get('schedule');
  const every = fields.get('every');
  if (schedule !== undefined && every !== undefined)
    reader.refuse(every.key, every.path, 'stands beside `schedule`: keep one of the two');
  if (schedule !== undefined) {
    const text = reader.text(schedule, 'a time like 0 2 * * *, Sun 02:00 or daily 07:00');
    const read = text === null ? null : understood(reader, schedule, () => parseWhen(text));
    return read ?? { kind: 'asked' };
  }
  if (every === undefined) return { kind: 'asked' };
  const everyMs = duration(reader, every, 60_000, 28 * 86_400_000, 'from 1m to 4w');
  const text = every.node.kind === 'scalar' ? String(every.node.value) : '';
  return everyMs === null ? { kind: 'asked' } : { kind: 'every', text, everyMs };
}

/** The blackouts of a file, read on the clock of its zone. */
export function blackouts(reader: Reader, placed: Placed | undefined, zone: string): readonly Blackout[] {
  if (placed === undefined || (placed.node.kind === 'scalar' && placed.node.value === null)) return [];
  return reader.list(placed, most.blackouts).flatMap((item) => blackout(reader, item, zone) ?? []);
}

function blackout(reader: Reader, placed: Placed, zone: string): Blackout | null {
  if (placed.node.kind === 'scalar') {
    const window = oneWindow(reader, placed);
    return window === null ? null : { kind: 'weekly', window, why: null };
  }
  const fields = reader.map(placed, ['from', 'to', 'weekly', 'why']);
  if (fields === null) return null;
  const named = fields.get('why');
  const why = named === undefined ? null : reader.text(named, 'one line of text');
  const [weekly, from, to] = [fields.get('weekly'), fields.get('from'), fields.get('to')];
  if (weekly !== undefined) {
    for (const stray of [from, to])
      if (stray !== undefined) reader.refuse(stray.key, stray.path, 'stands beside `weekly`: keep one of the two');
    const window = oneWindow(reader, weekly);
    return window === null ? null : { kind: 'weekly', window, why };
  }
  if (from === undefined || to === undefined)
    return reader.refuse(placed.node.spot, placed.path, 'needs `from` and `to`, or `weekly`');
  const [begin, end] = [moment(reader, from, zone), moment(reader, to, zone)];
  if (begin === null || end === null) return null;
  if (end <= begin) return reader.refuse(to.node.spot, to.path, 'ends before it begins');
  return { kind: 'once', from: begin, to: end, why };
}

function moment(reader: Reader, placed: Placed, zone: string): number | null {
  const text = reader.text(placed, 'a moment like 2026-12-24 18:00');
  if (text === null) return null;
  return (
    parseMoment(text, zone) ??
    reader.refuse(placed.node.spot, placed.path, 'is no moment: write it like 2026-12-24 18:00')
  );
}

/** What a parser answers; what it refuses becomes a problem at its place. */
function understood<T>(reader: Reader, { node, path }: Placed, parse: () => T): T | null {
  try {
    return parse();
  } catch (problem) {
    if (!isHoldfastError(problem)) throw problem;
    return reader.refuse(node.spot, path, problem.message);
  }
}
