import type { Call, ObjectStore } from '@holdfast/api';
import { isHoldfastError, throwIfCancelled } from '@holdfast/api';
import type { CatalogDocument } from '../catalogs/catalog-document.ts';
import { type CatalogParts, readCatalogDocument } from '../catalogs/look.ts';
import { MAX_SEALED_PART_BYTES, openPart } from '../catalogs/sealed-part.ts';
import { catalogPartName, catalogPattern } from '../documents/names.ts';
import { readObject } from '../documents/read-object.ts';
import { type DamageReport, damageOf } from './damage-report.ts';
import { type Inventory, isStored } from './inventory.ts';

/**
 * Looks at every saved catalog, part by part. Damage of one concerns no restore point: a new copy is written after the next run.
 * Copies are written and removed meanwhile, so what is missing counts only while its document is there.
 */
export async function checkCatalogs(
  inventory: Inventory,
  parts: CatalogParts & { readonly store: ObjectStore },
  report: DamageReport,
  call: Call,
): Promise<void> {
  const names = inventory.names.catalog;
  const documents = new Map<string, CatalogDocument>();
  for (const name of names) {
    if (catalogPattern.exec(name)?.[2] !== undefined) continue;
    await told(name, report, async () => void documents.set(name, await readCatalogDocument(parts, name, call)));
  }
  const keys = { repositoryId: parts.format.suite.repositoryId, secrets: parts.secrets };
  for (const name of names) {
    throwIfCancelled(call.signal, 'checking saved catalogs');
    const [, object = '', number] = catalogPattern.exec(name) ?? [];
    if (number === undefined) continue;
    const document = documents.get(object);
    const expected = document?.parts[Number(number)];
    if (document !== undefined && expected === undefined) report.add(name, 'foreign', `${object} has no such part`);
    await told(name, report, async () => {
      const sealed = await readObject(parts.store, name, MAX_SEALED_PART_BYTES, call);
      await openPart(name, sealed, expected?.sizeBytes ?? null, keys);
    });
  }
  const there = new Set(names);
  for (const [object, document] of documents) {
    for (const number of document.parts.keys()) {
      const name = catalogPartName(object, number);
      if (there.has(name) || (await isStored(parts.store, name, call))) continue;
      if (!(await isStored(parts.store, object, call))) break;
      report.add(name, 'missing', `a part of the saved catalog ${object}; no restore point needs it`);
    }
  }
}

/** What cannot be read is damage; what is gone was removed meanwhile, or is found missing by its document. */
async function told(name: string, report: DamageReport, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (failure) {
    if (isHoldfastError(failure, 'OBJECT_NOT_FOUND')) return;
    const damage = damageOf(failure);
    if (damage === null) throw failure;
    report.add(name, damage.kind, damage.failure.message);
  }
}
