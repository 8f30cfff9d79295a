import { createHash } from 'node:crypto';
import { type Call, HoldfastError, isHoldfastError, throwIfCancelled } from '@holdfast/api';
import { catalogPartName, catalogPattern } from '../documents/names.ts';
import { readObject } from '../documents/read-object.ts';
import type { CatalogDocument } from './catalog-document.ts';
import type { SavedCatalog } from './contract.ts';
import {
  type CatalogParts,
  type FoundCatalog,
  lookForCatalogs,
  newestCatalogFirst,
  readCatalogDocument,
} from './look.ts';
import { MAX_SEALED_PART_BYTES, openPart } from './sealed-part.ts';

/** What others see of a copy. */
export function savedCatalogOf({ object, document }: FoundCatalog): SavedCatalog {
  const { site, host, target, savedAt, sequence, sizeBytes, schema } = document;
  return { object, site, host, target, savedAt, sequence, sizeBytes, schema };
}

/** All copies whose documents are whole, newest first: of one site by their sequence, between sites by time. Damaged ones are told and left out. */
export async function listCatalogs(parts: CatalogParts, call: Call): Promise<readonly SavedCatalog[]> {
  const { whole, broken } = await lookForCatalogs(parts, null, call);
  for (const { failure } of broken) call.log('warn', `a saved catalog cannot be read: ${failure.message}`);
  const bySite = [...Map.groupBy(whole, ({ document }) => document.site).values()];
  const queues = bySite.map((copies) => copies.toSorted(newestCatalogFirst));
  const merged: SavedCatalog[] = [];
  while (merged.length < whole.length) {
    const [next] = queues.toSorted((a, b) => timeOf(b) - timeOf(a));
    const taken = next?.shift();
    if (taken !== undefined) merged.push(savedCatalogOf(taken));
  }
  return merged;
}

const timeOf = ([first]: readonly FoundCatalog[]): number => first?.document.savedAt ?? -1;

/**
 * The bytes of a saved catalog in order, each piece authenticated; all of it is right once the last has come.
 * @throws {HoldfastError} `CATALOG_SAVED_NONE`, `REPOSITORY_DAMAGED`.
 */
export async function* catalogPieces(parts: CatalogParts, object: string, call: Call): AsyncGenerator<Uint8Array> {
  const document = await documentOf(parts, object, call);
  const keys = { repositoryId: parts.format.suite.repositoryId, secrets: parts.secrets };
  const hash = createHash('sha256');
  for (const [number, { sizeBytes }] of document.parts.entries()) {
    throwIfCancelled(call.signal, 'reading a saved catalog');
    const name = catalogPartName(object, number);
    const piece = await openPart(name, await partOf(parts, name, call), sizeBytes, keys);
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') === document.sha256) return;
  throw new HoldfastError('REPOSITORY_DAMAGED', `${object} is not the catalog that was saved`, { facts: { object } });
}

async function documentOf(parts: CatalogParts, object: string, call: Call): Promise<CatalogDocument> {
  try {
    if (catalogPattern.exec(object)?.[1] === object) return await readCatalogDocument(parts, object, call);
  } catch (failure) {
    if (!isHoldfastError(failure, 'OBJECT_NOT_FOUND')) throw failure;
  }
  throw new HoldfastError('CATALOG_SAVED_NONE', `no saved catalog is called ${object}`, {
    remedy: '`holdfast repository recover --list` shows what there is',
    facts: { object },
  });
}

async function partOf(parts: CatalogParts, name: string, call: Call): Promise<Uint8Array> {
  try {
    return await readObject(parts.documents.store, name, MAX_SEALED_PART_BYTES, call);
  } catch (cause) {
    if (!isHoldfastError(cause, 'OBJECT_NOT_FOUND')) throw cause;
    throw new HoldfastError('REPOSITORY_DAMAGED', `${name}, a part of a saved catalog, is missing`, {
      facts: { object: name },
      cause,
    });
  }
}
