import { Fields } from '../documents/fields.ts';
import type { Holder } from './holder.ts';

export type LeasePurpose = 'backup' | 'read' | 'collect' | 'copy';

/** `leases/<lease>` and its renewals. */
export interface LeaseDocument {
  readonly version: 1;
  readonly lease: string;
  readonly purpose: LeasePurpose;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  /** Without a renewal for so long, a collector may fence it. */
  readonly silentAfterMs: number;
  /** What tells this process from every other one; `null` where the system does not say it. */
  readonly holder: Holder | null;
}

/** `leases/<lease>.end`. */
export interface LeaseEnd {
  readonly version: 1;
  readonly lease: string;
  readonly endedAt: number;
}

/** @throws {HoldfastError} `REPOSITORY_DAMAGED` */
export function parseLease(value: unknown, what: string, lease: string): LeaseDocument {
  const fields = new Fields(value, what);
  fields.integer('version', 1, 1);
  if (fields.hex('lease', 16) !== lease) throw fields.wrong('lease', 'is not the one in the name');
  return {
    version: 1,
    lease,
    purpose: fields.oneOf('purpose', ['backup', 'read', 'collect', 'copy']),
    host: fields.text('host'),
    pid: fields.integer('pid'),
    startedAt: fields.integer('startedAt'),
    silentAfterMs: fields.integer('silentAfterMs', 1),
    holder: fields.has('holder') ? parseHolder(fields.object('holder')) : null,
  };
}

function parseHolder(fields: Fields): Holder {
  return {
    boot: fields.text('boot', 64),
    space: fields.text('space', 128),
    startedTicks: fields.integer('startedTicks'),
  };
}

/** @throws {HoldfastError} `REPOSITORY_DAMAGED` */
export function parseLeaseEnd(value: unknown, what: string, lease: string): LeaseEnd {
  const fields = new Fields(value, what);
  fields.integer('version', 1, 1);
  if (fields.hex('lease', 16) !== lease) throw fields.wrong('lease', 'is not the one in the name');
  return { version: 1, lease, endedAt: fields.integer('endedAt') };
}
