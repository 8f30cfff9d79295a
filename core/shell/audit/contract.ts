import type { Plain } from '@holdfast/api';
import type { Actor } from '../access/contract.ts';

/** One line of the audit log. */
export interface AuditEntry {
  readonly number: number;
  readonly at: number;
  readonly who: string;
  readonly from: string;
  readonly session: string;
  /** `command.begin`, `command.end`, `denied`, `login`, `login.refused`, `logout`, `approval.asked`, `approval.decided`, `break-glass`, `session.observed`. */
  readonly what: string;
  /** Secrets are never in here: arguments whose schema says `secret` are left out. */
  readonly facts: Readonly<Record<string, Plain>>;
  /** Hash of the entry before this one, and of this one: keyless SHA-256, hexadecimal. */
  readonly before: string;
  readonly hash: string;
}

/** What a check of the whole log found. */
export interface AuditVerdict {
  readonly entries: number;
  readonly checkpoints: number;
  /** Number of the entry where something is wrong, and what; empty when all is well. */
  readonly problems: readonly { readonly entry: number; readonly problem: string }[];
}

/** Who did what: a chain of hashes with signed checkpoints, in the data folder. Appending waits until the entry is durable. */
export interface Audit {
  append(actor: Actor, what: string, facts: Readonly<Record<string, Plain>>): Promise<void>;
  /** Newest first. */
  entries(wish: { readonly limit: number; readonly before?: number }): Promise<readonly AuditEntry[]>;
  verify(): Promise<AuditVerdict>;
}
