import type { Tone } from '@holdfast/api';
import type { Desk } from '../../../../shell/desk/contract.ts';
import { type Fields, fieldsOf, figureOf, itemsOf, wordOf, wordsOf } from '../reading.ts';

/** A restore point on the timeline of its machine. */
export interface TimedPoint {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly tone: Tone;
  /** What is known of it: `verified`, `on disk-main`. */
  readonly notes: readonly string[];
}

const tones: readonly Tone[] = ['good', 'risk', 'bad', 'active', 'quiet'];

/** Events of all charts that a view holds, however deep they stand. */
function chartPoints(view: Fields, depth = 0): readonly Fields[] {
  if (depth > 8) return [];
  if (view.kind === 'stack') return itemsOf(view.views).flatMap((inner) => chartPoints(fieldsOf(inner), depth + 1));
  if (view.kind !== 'chart' || view.form !== 'timeline') return [];
  return itemsOf(view.series).flatMap((series) => itemsOf(fieldsOf(series).points).map(fieldsOf));
}

function ofChart(point: Fields): TimedPoint {
  const tone = tones.find((one) => one === point.tone) ?? 'good';
  return { id: wordOf(point.id), at: figureOf(point.x) ?? Number.NaN, tone, notes: wordsOf(point.notes) };
}

function ofList(point: Fields): TimedPoint {
  const notes = [wordOf(point.consistency), `on ${wordOf(point.target)}`].filter((note) => note.length > 3);
  return { id: wordOf(point.point), at: figureOf(point.takenAt) ?? Number.NaN, tone: 'good', notes };
}

/** Restore points of a machine, oldest first; those without identity or time are left out, and of copies of one point the first is told. */
export async function pointsOf(desk: Desk, machine: string, signal: AbortSignal): Promise<readonly TimedPoint[]> {
  const known = await desk.commands();
  const isDrawn = known.some(({ id }) => id === 'point.timeline');
  const result = await desk.run(isDrawn ? 'point.timeline' : 'point.list', { machine }, { signal, ask: null });
  const found = isDrawn
    ? chartPoints(fieldsOf(result.view)).map(ofChart)
    : itemsOf(fieldsOf(result.data).points).map(fieldsOf).map(ofList);
  const byId = new Map(found.filter(({ id, at }) => id !== '' && !Number.isNaN(at)).map((point) => [point.id, point]));
  return [...byId.values()].toSorted((a, b) => a.at - b.at);
}
