import type { Plain } from '@holdfast/api';
import type { Actor, Approval } from './contract.ts';
import { isFields, type StateFormat } from './state-file.ts';

/** An approval as it is kept: also from where somebody asked and decided, and on which terms. */
export interface KeptApproval extends Approval {
  readonly asked: Approval['asked'] & { readonly from: string };
  readonly decided: (NonNullable<Approval['decided']> & { readonly from: string }) | null;
  readonly delayMs: number;
  readonly lifeMs: number;
  readonly usedBy: string | null;
}

export type Arguments = Readonly<Record<string, Plain>>;

/** Text by which two sets of arguments are the same: keys sorted, without what is not there. */
export function canonical(value: Plain): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value instanceof Uint8Array) return `"bytes ${Buffer.from(value).toString('hex')}"`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null);
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

/**
 * Whether two are one and the same. All who sit at the local console are: it has one owner, whatever names they go by.
 */
export const isSamePerson = (one: { readonly by: string; readonly from: string }, other: Actor): boolean =>
  one.by === other.name || (one.from === 'local' && other.from === 'local');

/** What an approval is at a time. */
export type Standing = 'waiting' | 'granted' | 'delayed' | 'refused' | 'used' | 'expired';

export function standingOf(approval: Approval, now: number): Standing {
  if (approval.usedAt !== null) return 'used';
  if (approval.decided?.granted === false) return 'refused';
  if (now > approval.expiresAt) return 'expired';
  if (approval.decided === null) return 'waiting';
  return now < approval.usableFrom ? 'delayed' : 'granted';
}

/** Whether it can no longer be used, so that it is only kept for those who look back. */
export function isPast(approval: Approval, now: number): boolean {
  const standing = standingOf(approval, now);
  return standing === 'used' || standing === 'refused' || standing === 'expired';
}

const mostText = 900_000;

/** Without the oldest that are past, as far as room is needed; `null` when there is no room even so. */
export function withRoom(all: readonly KeptApproval[], now: number): readonly KeptApproval[] | null {
  // As the list is written, each line of it is indented by four.
  const size = (one: KeptApproval): number => {
    const lines = JSON.stringify(one, null, 2);
    return Buffer.byteLength(lines) + 4 * lines.split('\n').length + 2;
  };
  let left = all.reduce((sum, one) => sum + size(one), 0);
  const gone = new Set<string>();
  for (const one of all) {
    if (left <= mostText && all.length - gone.size <= approvalsFormat.most) break;
    if (!isPast(one, now)) continue;
    gone.add(one.id);
    left -= size(one);
  }
  if (left > mostText || all.length - gone.size > approvalsFormat.most) return null;
  return all.filter(({ id }) => !gone.has(id));
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 1_000;
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value);

function isPlainWithin(value: unknown, levels: number): boolean {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  if (typeof value !== 'object' || levels === 0) return false;
  return Object.values(value).every((inner) => isPlainWithin(inner, levels - 1));
}

/** Levels of lists and objects that arguments may have. */
export const mostLevels = 8;

const isBy = (value: unknown): value is { by: string; from: string; at: number; reason: string } =>
  isFields(value) && isText(value.by) && isText(value.from) && isTime(value.at) && isText(value.reason);

const isDecision = (value: unknown): value is NonNullable<KeptApproval['decided']> =>
  isBy(value) && 'granted' in value && typeof value.granted === 'boolean';

function isKept(value: unknown): value is KeptApproval {
  if (!isFields(value)) return false;
  const { id, command, args, asked, decided, delayMs, lifeMs, usableFrom, expiresAt, usedAt, usedBy } = value;
  return (
    isText(id) &&
    /^[0-9a-f]{12}$/.test(id) &&
    isText(command) &&
    isFields(args) &&
    isPlainWithin(args, mostLevels) &&
    isBy(asked) &&
    (decided === null || isDecision(decided)) &&
    [delayMs, lifeMs, usableFrom, expiresAt].every(isTime) &&
    (usedAt === null || isTime(usedAt)) &&
    (usedBy === null || isText(usedBy))
  );
}

/** @see docs/formats/approvals.md */
export const approvalsFormat: StateFormat<KeptApproval> = {
  format: 'holdfast-approvals',
  list: 'approvals',
  read: (value) => {
    if (isKept(value)) return value;
    throw new Error('an approval is not whole');
  },
  write: (approval) => approval,
  most: 2_000,
};
