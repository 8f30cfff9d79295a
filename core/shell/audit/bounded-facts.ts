import type { Plain } from '@holdfast/api';
import { quietJson, sha256 } from './line.ts';
import { masked } from './masked.ts';

/** What facts may have at most. */
interface Bounds {
  readonly text: number;
  readonly list: number;
  readonly depth: number;
}

const usual: Bounds = { text: 1_000, list: 64, depth: 5 };
const narrow: Bounds = { text: 120, list: 12, depth: 3 };
const mostBytes = 8 * 1024;

type Facts = Readonly<Record<string, Plain>>;

/** A text as it is written down: without what is secret in it, and cut. */
export function boundedText(text: string, most: number): string {
  // What is masked at the cut must be seen wholly; no secret that shows by its shape is longer than what is looked at beyond.
  const quiet = masked(text.slice(0, most + 1_000));
  return quiet.length > most ? `${quiet.slice(0, most - 1)}…` : quiet;
}

function bounded(value: Plain, bounds: Bounds, depth: number): Plain {
  if (typeof value === 'string') return boundedText(value, bounds.text);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= bounds.depth) return '…';
  if (Array.isArray(value)) {
    const shown = value.slice(0, bounds.list).map((item: Plain) => bounded(item, bounds, depth + 1));
    return value.length > bounds.list ? [...shown, `… ${value.length - bounds.list} more`] : shown;
  }
  const entries = Object.entries(value).slice(0, bounds.list);
  return Object.fromEntries(
    entries.map(([key, inner]) => [boundedText(key, bounds.text), bounded(inner, bounds, depth + 1)]),
  );
}

/** Facts that fit into a line, whatever they were. */
export function boundedFacts(facts: Facts): Facts {
  for (const bounds of [usual, narrow]) {
    const fitting = Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, bounded(value, bounds, 1)]));
    if (Buffer.byteLength(quietJson(fitting)) <= mostBytes) return fitting;
  }
  const whole = JSON.stringify(facts);
  const { command, work } = facts;
  const said = Object.entries({ command, work }).filter(([, value]) => typeof value === 'string');
  return {
    ...Object.fromEntries(said.map(([key, value]) => [key, bounded(value, narrow, 1)])),
    tooLong: { bytes: Buffer.byteLength(whole), sha256: sha256(whole) },
  };
}
