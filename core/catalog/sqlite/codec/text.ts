import { HoldfastError } from '@holdfast/api';

/** Marks a text that is stored as JSON; no JSON text and no sensible name begins with it. */
const mark = '\u0001';

/**
 * A text as it is stored. Nearly always that is the text itself; one that SQLite or PostgreSQL would not give back unchanged (lone surrogates,
 * NUL), or that begins with the mark, is stored as the mark and its JSON string.
 * @see docs/formats/catalog.md, Texts
 */
export function storeText(text: string): string {
  return text.isWellFormed() && !text.startsWith(mark) && !text.includes('\0') ? text : mark + JSON.stringify(text);
}

/** The text that was given to `storeText`. */
export function readText(stored: string): string {
  if (!stored.startsWith(mark)) return stored;
  try {
    const text: unknown = JSON.parse(stored.slice(mark.length));
    if (typeof text === 'string') return text;
  } catch {
    // Told below: whatever it is, this program did not write it.
  }
  throw new HoldfastError('CATALOG_DAMAGED', 'the catalog holds a text that cannot be decoded');
}
