import type { Cell } from '@holdfast/api';
import { own } from '../../../shell/render/own.ts';
import { labelOf } from './label.ts';
import type { TableRow } from './table-source.ts';

/** A column as a filter names it: by its key or its title. */
export interface Named {
  readonly key: string;
  readonly title: string;
}

interface Term {
  /** `null`: any column of words. */
  readonly column: string | null;
  readonly text: string;
  readonly isNot: boolean;
}

const mostTerms = 16;
const squeezed = (name: string): string => name.toLowerCase().replaceAll(/\s+/g, '');

/** The column that is meant: its key, its title, or the beginning of one alone. */
function columnOf(name: string, columns: readonly Named[]): string | null {
  const wanted = squeezed(name);
  const exact = columns.find(({ key, title }) => squeezed(key) === wanted || squeezed(title) === wanted);
  if (exact !== undefined) return exact.key;
  const begun = columns.filter(
    ({ key, title }) => squeezed(key).startsWith(wanted) || squeezed(title).startsWith(wanted),
  );
  return begun.length === 1 ? (begun[0]?.key ?? null) : null;
}

function parse(filter: string, columns: readonly Named[]): readonly Term[] {
  const words = filter.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  return words.slice(0, mostTerms).flatMap((word) => {
    const isNot = word.startsWith('-');
    const bare = isNot ? word.slice(1) : word;
    const colon = bare.indexOf(':');
    const column = colon > 0 ? columnOf(bare.slice(0, colon), columns) : null;
    const text = (column === null ? bare : bare.slice(colon + 1)).replaceAll('"', '').toLowerCase();
    return text === '' ? [] : [{ column, text, isNot }];
  });
}

/** Free words are sought in words only: figures come with a column, and wording a million of them takes seconds. */
function hasWord(cell: Cell | undefined, text: string): boolean {
  if (cell === undefined || cell === null || (cell.kind !== 'text' && cell.kind !== 'state')) return false;
  return String(cell.text).toLowerCase().includes(text);
}

function hasText(cell: Cell | undefined, text: string, now: number): boolean {
  return hasWord(cell, text) || labelOf(cell, now).text.toLowerCase().includes(text);
}

/**
 * What a person typed to see only some rows: words that must all be there, in any column of words or in one (`policy:gold`), or must not be
 * (`-scratch`, `-policy:gold`); `"two words"` are one. A half-typed `policy:` hides nothing. `null` when everything is shown.
 */
export function parseFilter(
  filter: string,
  columns: readonly Named[],
  now: number,
): ((row: TableRow) => boolean) | null {
  const terms = parse(filter, columns);
  if (terms.length === 0) return null;
  const keys = columns.map(({ key }) => key);
  return ({ cells }) =>
    terms.every(({ column, text, isNot }) => {
      const isThere =
        column === null ? keys.some((key) => hasWord(own(cells, key), text)) : hasText(own(cells, column), text, now);
      return isThere !== isNot;
    });
}
