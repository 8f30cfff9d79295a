import { type Call, HoldfastError, isHoldfastError } from '@holdfast/api';
import type { DiskContents } from '../disk-contents.ts';
import type { Documents } from '../documents/documents.ts';
import { mapLimited } from '../documents/map-limited.ts';
import { commitName, forgottenName, idPattern } from '../documents/names.ts';
import { type Forgotten, parseForgotten } from '../points/forgotten-document.ts';
import type { Manifest } from '../points/manifest.ts';
import type { PointList } from '../points/point-list.ts';

const AT_ONCE = 16;

/** All that says what exists, at one moment and without a gap. */
export interface WholeListing {
  /** Disks of all restore points that are committed and not forgotten. */
  readonly disks: readonly DiskContents[];
  /** Names of their manifests. */
  readonly manifests: ReadonlySet<string>;
  /** Hashes that these manifests name as the one before. */
  readonly previous: ReadonlySet<string>;
  readonly points: number;
  /** Forgets that are genuine, by restore point. */
  readonly forgotten: ReadonlyMap<string, Forgotten>;
  /** Names in `commits/`. */
  readonly commits: ReadonlySet<string>;
}

const refusal = (what: string, object: string, cause?: unknown): HoldfastError =>
  new HoldfastError('REPOSITORY_DAMAGED', `nothing can be collected: ${what}`, {
    remedy:
      '`holdfast repository check` says what is damaged; repair it, or forget the restore points concerned, then try again',
    facts: { object },
    cause,
  });

/**
 * Reads every restore point, to its manifest.
 * @throws `REPOSITORY_DAMAGED` when one cannot be read, or is known to be missing: it would be taken for dead.
 */
export async function readPoints(list: PointList, documents: Documents, call: Call): Promise<WholeListing> {
  const commits = await names(documents, 'commits/', call);
  const { points, broken } = await list.list(call);
  const [first] = broken;
  if (first !== undefined) {
    throw refusal(
      `restore point ${first.point} cannot be read: ${first.failure.message}`,
      commitName(first.point),
      first.failure,
    );
  }
  const manifests = await mapLimited(points, AT_ONCE, (record) => list.manifest(record, call));
  const forgotten = await readForgotten(documents, call);
  const listing: WholeListing = {
    disks: manifests.flatMap(({ disks }) => disks),
    manifests: new Set(points.map(({ commit }) => commit.manifest)),
    previous: new Set(manifests.flatMap(({ previous }) => (previous === null ? [] : [previous.sha256]))),
    points: points.length,
    forgotten,
    commits,
  };
  await checkChains(manifests, listing, documents, call);
  return listing;
}

async function names(documents: Documents, prefix: string, call: Call): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const { name } of documents.store.list(prefix, call)) {
    const id = name.slice(prefix.length);
    if (idPattern.test(id)) found.add(id);
  }
  return found;
}

/** Forgets that are genuine. One that is damaged hides nothing. */
async function readForgotten(documents: Documents, call: Call): Promise<Map<string, Forgotten>> {
  const ids = [...(await names(documents, 'forgotten/', call))];
  const read = await mapLimited(ids, AT_ONCE, async (point) => {
    const name = forgottenName(point);
    try {
      return [parseForgotten((await documents.fetch(name, call)).value, name, point)];
    } catch (failure) {
      if (isHoldfastError(failure, 'OBJECT_NOT_FOUND') || isHoldfastError(failure, 'REPOSITORY_DAMAGED')) return [];
      throw failure;
    }
  });
  return new Map(read.flat().map((forget) => [forget.point, forget]));
}

/** A commit that somebody else has removed took a restore point with it: the manifest after it still names the one before. */
async function checkChains(
  manifests: readonly Manifest[],
  { forgotten, manifests: known }: WholeListing,
  documents: Documents,
  call: Call,
): Promise<void> {
  const hashes = new Set([...forgotten.values()].map(({ sha256 }) => sha256));
  const wanted = new Map<string, string>();
  for (const { previous, point } of manifests) {
    if (previous !== null && !known.has(previous.name) && !hashes.has(previous.sha256))
      wanted.set(previous.name, point);
  }
  for (const [name, after] of wanted) {
    // One that was committed after the others were listed is no gap.
    if (await isCommitted(documents, name, call)) continue;
    throw refusal(
      `restore point ${after} names ${name} as the one before, which is gone without having been forgotten`,
      name,
    );
  }
}

async function isCommitted(documents: Documents, manifest: string, call: Call): Promise<boolean> {
  try {
    const { value } = await documents.fetch(manifest, call);
    const point = typeof value === 'object' && value !== null && 'point' in value ? value.point : null;
    if (typeof point !== 'string' || !idPattern.test(point)) return false;
    for await (const { name } of documents.store.list(commitName(point), call))
      if (name === commitName(point)) return true;
    return false;
  } catch (failure) {
    if (isHoldfastError(failure, 'OBJECT_NOT_FOUND') || isHoldfastError(failure, 'REPOSITORY_DAMAGED')) return false;
    throw failure;
  }
}
