import { Fields } from '../documents/fields.ts';
import { idPattern } from '../documents/names.ts';

/** A copy has at most so many parts. */
export const MAX_PARTS = 8192;
/** A part is at most so many bytes of the catalog. */
export const MAX_PART_BYTES = 32 * 1024 * 1024;
/** Copies that were broken off, as one document names them at most. */
export const MAX_UNFINISHED = 1000;

/** What commits a saved catalog: `catalogs/<site>/<id>`. */
export interface CatalogDocument {
  readonly id: string;
  readonly site: string;
  /** Empty in copies from before this was written down. */
  readonly host: string;
  readonly target: string;
  readonly schema: number;
  readonly sequence: number;
  readonly savedAt: number;
  readonly sizeBytes: number;
  /** Of all bytes of the catalog, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly parts: readonly { readonly sizeBytes: number; readonly storedBytes: number }[];
  /** Copies of this site that had parts and no document when this one was written. */
  readonly unfinished: readonly string[];
}

/**
 * Reads the document of a saved catalog.
 * @param name Name of the object, which carries the identity.
 * @throws {HoldfastError} `REPOSITORY_DAMAGED`
 * @see docs/formats/repository.md §11
 */
export function parseCatalogDocument(value: unknown, name: string): CatalogDocument {
  const fields = new Fields(value, name);
  fields.integer('version', 1, 1);
  const parts = fields.objects('parts', MAX_PARTS).map((part) => ({
    sizeBytes: part.integer('sizeBytes', 1, MAX_PART_BYTES),
    storedBytes: part.integer('storedBytes', 1),
  }));
  const document: CatalogDocument = {
    id: fields.hex('id', 16),
    site: fields.hex('site', 16),
    host: fields.has('host') ? fields.text('host', 255) : '',
    target: fields.text('target', 200),
    schema: fields.integer('schema', 1, 1_000_000),
    sequence: fields.integer('sequence', 1),
    savedAt: fields.integer('savedAt'),
    sizeBytes: fields.integer('sizeBytes', 1),
    sha256: fields.hex('sha256', 32),
    parts,
    unfinished: fields.texts('unfinished', MAX_UNFINISHED, idPattern),
  };
  if (!name.endsWith(`/${document.id}`)) throw fields.wrong('id', 'is not the one in the name');
  if (parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) !== document.sizeBytes)
    throw fields.wrong('parts', 'are not as many bytes as the catalog');
  return document;
}
