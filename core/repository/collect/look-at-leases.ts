import { type Call, isHoldfastError } from '@holdfast/api';
import type { Documents } from '../documents/documents.ts';
import { mapLimited } from '../documents/map-limited.ts';
import { leaseName, renewalName } from '../documents/names.ts';
import { type LeaseDocument, parseLease } from '../leases/lease-document.ts';

const AT_ONCE = 16;
const NAME = /^leases\/([0-9a-f]{32})(?:\.(end|[1-9][0-9]{0,14}))?$/;

/** What the store shows of one lease. */
export interface SeenLease {
  readonly lease: string;
  /** Names of all its objects. */
  readonly names: readonly string[];
  /** Highest number of a renewal; 0 when there is none. */
  readonly renewals: number;
  /** Whether its holder has said that it is over. */
  readonly hasEnded: boolean;
  /** Whether `commits/<lease>` is there: then its holder has won or lost, and can do nothing more under it. */
  readonly isDecided: boolean;
}

/** Whether whoever held it can still do something under it. */
export const isOpen = (lease: SeenLease): boolean => !lease.hasEnded && !lease.isDecided;

/** All leases that the store shows. One that is over stays over, so it does not matter that two listings are not of one moment. */
export async function lookAtLeases(documents: Documents, call: Call): Promise<ReadonlyMap<string, SeenLease>> {
  const found = new Map<string, { names: string[]; renewals: number; hasEnded: boolean }>();
  for await (const { name } of documents.store.list('leases/', call)) {
    const [, lease, suffix] = NAME.exec(name) ?? [];
    if (lease === undefined) continue;
    const one = found.get(lease) ?? { names: [], renewals: 0, hasEnded: false };
    one.names.push(name);
    if (suffix === 'end') one.hasEnded = true;
    else if (suffix !== undefined) one.renewals = Math.max(one.renewals, Number(suffix));
    found.set(lease, one);
  }
  const decided = new Set<string>();
  for await (const { name } of documents.store.list('commits/', call)) decided.add(name.slice('commits/'.length));
  return new Map([...found].map(([lease, one]) => [lease, { lease, ...one, isDecided: decided.has(lease) }]));
}

/** What some leases say of themselves; one that cannot be read is missing. */
export async function readLeases(
  documents: Documents,
  leases: readonly SeenLease[],
  call: Call,
): Promise<ReadonlyMap<string, LeaseDocument>> {
  const read = await mapLimited(leases, AT_ONCE, async ({ lease, names, renewals }) => {
    const name = names.includes(leaseName(lease)) ? leaseName(lease) : renewalName(lease, renewals);
    try {
      return [parseLease((await documents.fetch(name, call)).value, name, lease)];
    } catch (failure) {
      if (!isHoldfastError(failure, 'OBJECT_NOT_FOUND') && !isHoldfastError(failure, 'REPOSITORY_DAMAGED'))
        throw failure;
      return [];
    }
  });
  return new Map(read.flat().map((document) => [document.lease, document]));
}
