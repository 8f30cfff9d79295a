import type { LogView, Tone } from '@holdfast/api';
import type { SafeText } from '../../../model/text/safe-text.ts';
import { formatMoment } from '../../../shell/format/times.ts';
import { own } from '../../../shell/render/own.ts';
import { textOf, toneSign } from './label.ts';
import { wrapText } from './wrap.ts';

export type LogLine = LogView['lines'][number];

/** Letters of a line that are shown. */
const longest = 4096;

/** A place in a log whose lines may take several rows each. */
export interface Place {
  readonly line: number;
  readonly row: number;
}

const tones: Readonly<Record<LogLine['level'], Tone | null>> = {
  debug: 'quiet',
  info: null,
  warn: 'risk',
  error: 'bad',
};

export const toneOf = (line: LogLine): Tone | null => own(tones, line.level) ?? null;

export function signOf(line: LogLine): SafeText {
  const tone = toneOf(line);
  return tone === null ? (' ' as SafeText) : toneSign(tone);
}

/** Time of day, in UTC as everywhere. */
export const timeOf = (line: LogLine): SafeText => formatMoment(line.at).slice(11, 19) as SafeText;

/** Where the rows of a log are, when only those that are seen can be measured. */
export class LogLines {
  #lines: readonly LogLine[] = [];
  /** Room for text; `null` where lines are not wrapped. */
  #columns: number | null = null;
  #wrapped = new WeakMap<LogLine, readonly SafeText[]>();

  get length(): number {
    return this.#lines.length;
  }

  set(lines: readonly LogLine[]): void {
    this.#lines = lines;
  }

  fit(columns: number | null): void {
    if (columns === this.#columns) return;
    this.#columns = columns;
    this.#wrapped = new WeakMap();
  }

  at(line: number): LogLine | undefined {
    return this.#lines[line];
  }

  /** The rows of a line, one at least. */
  rows(line: number): readonly SafeText[] {
    const found = this.#lines[line];
    if (found === undefined) return [];
    let rows = this.#wrapped.get(found);
    if (rows === undefined) {
      const text = textOf(found.text, longest);
      rows = this.#columns === null ? [text] : wrapText(text, this.#columns);
      this.#wrapped.set(found, rows);
    }
    return rows;
  }

  /** The place so many rows further on, or back; stops at the ends. */
  move(from: Place, by: number): Place {
    let { line, row } = from;
    for (let left = by; left > 0; left--) {
      if (row + 1 < this.rows(line).length) row += 1;
      else if (line + 1 < this.#lines.length) [line, row] = [line + 1, 0];
      else break;
    }
    for (let left = by; left < 0; left++) {
      if (row > 0) row -= 1;
      else if (line > 0) [line, row] = [line - 1, this.rows(line - 1).length - 1];
      else break;
    }
    return { line, row };
  }

  /** The place from which the last row is just seen in so many rows. */
  last(height: number): Place {
    const line = Math.max(0, this.#lines.length - 1);
    return this.move({ line, row: Math.max(0, this.rows(line).length - 1) }, 1 - height);
  }

  /** The next line in which a word occurs, around the ends; -1 when there is none. */
  find(word: string, from: number, by: 1 | -1): number {
    const wanted = word.toLowerCase();
    const count = this.#lines.length;
    for (let step = 0; step < count; step++) {
      const line = (((from + by * step) % count) + count) % count;
      if (String(this.#lines[line]?.text).toLowerCase().includes(wanted)) return line;
    }
    return -1;
  }
}

export const isBefore = (a: Place, b: Place): boolean => a.line < b.line || (a.line === b.line && a.row < b.row);
