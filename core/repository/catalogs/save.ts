import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { type Call, HoldfastError, makeCall, throwIfCancelled } from '@holdfast/api';
import { holds, putObject } from '../data/write/put-object.ts';
import { catalogName, catalogPartName, randomId } from '../documents/names.ts';
import { type CatalogDocument, MAX_PARTS, MAX_UNFINISHED } from './catalog-document.ts';
import type { CatalogToSave } from './contract.ts';
import { type CatalogParts, type FoundCatalog, lookForCatalogs, newestCatalogFirst } from './look.ts';
import { inPieces } from './pieces.ts';
import { sealPart } from './sealed-part.ts';
import { siteFolder } from './site-folder.ts';
import { tidyCatalogs } from './tidy.ts';

const PART_BYTES = 8 * 1024 * 1024;

/**
 * Puts a copy of a catalog, whole, before anything older goes.
 * @param partBytes Tests cut smaller.
 */
export async function saveCatalog(
  parts: CatalogParts,
  catalog: CatalogToSave,
  call: Call,
  partBytes: number = PART_BYTES,
): Promise<FoundCatalog> {
  const folder = siteFolder(catalog.site, parts.secrets, parts.format.suite.hash);
  const before = await lookForCatalogs(parts, folder, call);
  const [newest] = before.whole.toSorted(newestCatalogFirst);
  const documents = new Set([...before.whole, ...before.broken].map(({ object }) => object));
  const unfinished = [...before.parts.keys()].filter((object) => !documents.has(object));
  const object = catalogName(folder, randomId());
  const put = await putParts(parts, object, catalog.bytes, partBytes, call);
  const document: CatalogDocument = {
    id: idOf(object),
    site: catalog.site,
    host: hostname().slice(0, 255),
    target: parts.target,
    schema: catalog.schema,
    sequence: (newest?.document.sequence ?? 0) + 1,
    savedAt: parts.terms.now(),
    ...put,
    unfinished: unfinished.map(idOf).slice(0, MAX_UNFINISHED),
  };
  await commit(parts, object, document, call);
  await tidyCatalogs(parts, [{ object, document }, ...before.whole], before.parts, newest?.document ?? null, call);
  return { object, document };
}

const idOf = (object: string): string => object.slice(object.lastIndexOf('/') + 1);

async function putParts(
  parts: CatalogParts,
  object: string,
  bytes: CatalogToSave['bytes'],
  partBytes: number,
  call: Call,
): Promise<Pick<CatalogDocument, 'sizeBytes' | 'sha256' | 'parts'>> {
  const keys = { repositoryId: parts.format.suite.repositoryId, secrets: parts.secrets };
  const hash = createHash('sha256');
  const put: { sizeBytes: number; storedBytes: number }[] = [];
  let sizeBytes = 0;
  try {
    for await (const piece of inPieces(bytes, partBytes)) {
      throwIfCancelled(call.signal, 'saving the catalog');
      if (put.length === MAX_PARTS) {
        throw new HoldfastError('UNSUPPORTED', `a catalog of more than ${sizeBytes} bytes cannot be saved`, {
          remedy: '`holdfast doctor` says how large it is; older runs are forgotten by themselves',
        });
      }
      const name = catalogPartName(object, put.length);
      hash.update(piece);
      const sealed = await sealPart(name, piece, keys);
      await putObject(parts.documents.store, name, sealed, call);
      put.push({ sizeBytes: piece.length, storedBytes: sealed.length });
      sizeBytes += piece.length;
    }
    if (sizeBytes === 0) throw new Error('an empty file is no catalog');
  } catch (failure) {
    // One more than is known: the put that failed may have taken effect.
    await takeBack(parts, object, put.length + 1, call);
    throw failure;
  }
  return { sizeBytes, sha256: hash.digest('hex'), parts: put };
}

/** With its document the copy exists. */
async function commit(parts: CatalogParts, object: string, document: CatalogDocument, call: Call): Promise<void> {
  const { store } = parts.documents;
  const { sealed } = parts.documents.seal(object, { version: 1, ...document });
  try {
    await putObject(store, object, sealed, call);
  } catch (failure) {
    // An answer that was lost on its way: then it exists, and its parts must stay.
    const isThere = await holds(store, object, sealed, unhurried(call)).catch(() => false);
    if (!isThere) await takeBack(parts, object, document.parts.length, call);
    if (!isThere) throw failure;
  }
  // Somebody who took this copy for one that was broken off may have removed parts before the document was there.
  const listed = new Set<string>();
  for await (const { name } of store.list(`${object}.`, call)) listed.add(name);
  if (document.parts.every((_, number) => listed.has(catalogPartName(object, number)))) return;
  await takeBack(parts, object, document.parts.length, call);
  throw new HoldfastError('TARGET_IO', `parts of the catalog's copy ${object} vanished while it was saved`, {
    remedy: 'nothing needs to be done: the next run saves it again',
    facts: { object },
  });
}

const unhurried = (call: Call): Call => makeCall({ who: call.who, log: call.log });

/** Removes a copy that did not come to be, as far as the store lets us: the document first. */
async function takeBack(parts: CatalogParts, object: string, count: number, call: Call): Promise<void> {
  const names = [object, ...Array.from({ length: count }, (_, number) => catalogPartName(object, number))];
  for (const name of names) await parts.documents.store.remove(name, unhurried(call)).catch(() => {});
}
