import { type Call, isHoldfastError } from '@holdfast/api';
import { parseAwaited, parseTombstone } from '../collect/tombstone-document.ts';
import type { Documents, OpenedDocument } from '../documents/documents.ts';
import { mapLimited } from '../documents/map-limited.ts';
import { parseGeneration } from '../keys/generations.ts';
import { parseLanding } from '../landing/landing-document.ts';
import { parseLease, parseLeaseEnd } from '../leases/lease-document.ts';
import { type Committed, parseCommit } from '../points/commit-document.ts';
import { type Forgotten, parseForgotten } from '../points/forgotten-document.ts';
import { type Manifest, parseManifest } from '../points/manifest.ts';
import { type DamageReport, damageOf, wholePoint } from './damage-report.ts';
import type { Inventory } from './inventory.ts';

const AT_ONCE = 16;

/** What the documents of a repository say, as far as they can be read. */
export interface CheckedDocuments {
  /** Committed restore points, forgotten ones included. */
  readonly commits: readonly Committed[];
  /** Forgets that are genuine, by restore point. */
  readonly forgotten: ReadonlyMap<string, Forgotten>;
  /** Manifests that can be read, with the hash of their bytes, by name of the object. */
  readonly manifests: ReadonlyMap<string, { readonly manifest: Manifest; readonly sha256: string }>;
}

const idOf = (name: string): string => name.slice(name.indexOf('/') + 1);

/** Reads every sealed document from the store, past all caches. */
export async function checkDocuments(
  inventory: Inventory,
  documents: Documents,
  report: DamageReport,
  call: Call,
): Promise<CheckedDocuments> {
  const readAll = async <T>(names: readonly string[], parse: (document: OpenedDocument) => T): Promise<T[]> => {
    const read = await mapLimited(names, AT_ONCE, async (name) => {
      try {
        return [parse(await documents.fetch(name, call))];
      } catch (failure) {
        // Documents may be collected between the listing and now.
        if (isHoldfastError(failure, 'OBJECT_NOT_FOUND')) return [];
        const damage = damageOf(failure);
        if (damage === null) throw failure;
        report.add(name, damage.kind, damage.failure.message);
        return [];
      }
    });
    return read.flat();
  };
  const { names } = inventory;
  await readAll(names.lease, ({ name, value }) => {
    const [lease = '', suffix] = idOf(name).split('.');
    return suffix === 'end' ? parseLeaseEnd(value, name, lease) : parseLease(value, name, lease);
  });
  await readAll(names.generation, ({ name, value }) => parseGeneration(value, name));
  await readAll(names.tombstone, ({ name, value }) => {
    const [epoch = '', suffix] = idOf(name).split('.');
    return suffix === undefined ? parseTombstone(value, name, Number(epoch)) : parseAwaited(value, name, Number(epoch));
  });
  await readAll(names.landing, ({ name, value }) => parseLanding(value, name));
  const forgotten = await readAll(names.forgotten, ({ name, value }) => parseForgotten(value, name, idOf(name)));
  const commits = await readAll(names.commit, ({ name, value }) => parseCommit(value, name, idOf(name)));
  const manifests = await readAll(names.manifest, ({ name, value, sha256 }) => {
    return [name, { manifest: parseManifest(value, name), sha256 }] as const;
  });
  for (const name of names.commit.filter((name) => report.has(name))) report.concern(name, wholePoint(idOf(name)));
  return {
    commits: commits.filter((commit) => commit.state === 'committed'),
    forgotten: new Map(forgotten.map((forget) => [forget.point, forget])),
    manifests: new Map(manifests),
  };
}
