import { type Call, HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Documents } from '../documents/documents.ts';
import { mapLimited } from '../documents/map-limited.ts';
import { CATALOGS_PREFIX, catalogPattern } from '../documents/names.ts';
import type { RepositoryFormat } from '../format/repository-format.ts';
import type { RepositorySecrets } from '../suite.ts';
import { type CatalogDocument, parseCatalogDocument } from './catalog-document.ts';
import { siteFolder } from './site-folder.ts';

/** What saved catalogs need of a repository. */
export interface CatalogParts {
  readonly target: string;
  readonly format: RepositoryFormat;
  readonly secrets: RepositorySecrets;
  readonly documents: Documents;
  readonly terms: { readonly now: () => number };
}

/** A copy whose document is whole. */
export interface FoundCatalog {
  readonly object: string;
  readonly document: CatalogDocument;
}

/** What lies under `catalogs/`. */
export interface FoundCatalogs {
  readonly whole: readonly FoundCatalog[];
  /** Documents that cannot be read, with the reason. */
  readonly broken: readonly { readonly object: string; readonly failure: HoldfastError }[];
  /** Names of parts by the object that their document has, or would have. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
}

const AT_ONCE = 16;

/** Reads the documents of saved catalogs: of all installations, or of the one whose folder is given. */
export async function lookForCatalogs(parts: CatalogParts, folder: string | null, call: Call): Promise<FoundCatalogs> {
  const names = new Set<string>();
  const found = new Map<string, string[]>();
  const prefix = folder === null ? CATALOGS_PREFIX : `${CATALOGS_PREFIX}${folder}/`;
  for await (const { name } of parts.documents.store.list(prefix, call)) {
    const [, object, part] = catalogPattern.exec(name) ?? [];
    if (object === undefined) continue;
    if (part === undefined) names.add(object);
    else found.set(object, [...(found.get(object) ?? []), name]);
  }
  const broken: { object: string; failure: HoldfastError }[] = [];
  const read = await mapLimited([...names], AT_ONCE, async (object) => {
    try {
      return [{ object, document: await readCatalogDocument(parts, object, call) }];
    } catch (failure) {
      // Older copies go at any time.
      if (isHoldfastError(failure, 'OBJECT_NOT_FOUND')) return [];
      if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
      broken.push({ object, failure });
      return [];
    }
  });
  return { whole: read.flat(), broken, parts: found };
}

/** Throws `REPOSITORY_DAMAGED`, `OBJECT_NOT_FOUND`. */
export async function readCatalogDocument(parts: CatalogParts, object: string, call: Call): Promise<CatalogDocument> {
  const { value } = await parts.documents.fetch(object, call);
  const document = parseCatalogDocument(value, object);
  const folder = siteFolder(document.site, parts.secrets, parts.format.suite.hash);
  if (object === `${CATALOGS_PREFIX}${folder}/${document.id}`) return document;
  throw new HoldfastError('REPOSITORY_DAMAGED', `${object} lies where another installation's catalogs belong`, {
    facts: { object },
  });
}

/** Of one site, the newest first. */
export function newestCatalogFirst(a: FoundCatalog, b: FoundCatalog): number {
  const [one, other] = [a.document, b.document];
  return other.sequence - one.sequence || other.savedAt - one.savedAt || (one.id < other.id ? 1 : -1);
}
