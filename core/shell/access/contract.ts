import type { Plain } from '@holdfast/api';

/** What somebody may do. A person may have several. */
export type Role = 'viewer' | 'operator' | 'administrator' | 'auditor' | 'approver';

/** Who acts, and from where. */
export interface Actor {
  readonly name: string;
  readonly roles: readonly Role[];
  /** `local` is whoever owns the data folder: the root of trust. Otherwise the address of the SSH client. */
  readonly from: string;
  /** Identity of the session, for the audit log and for those who watch it; `cli` for a command line of its own. */
  readonly session: string;
}

/** Somebody who may log in at the SSH server. */
export interface User {
  readonly name: string;
  readonly roles: readonly Role[];
  /** Public keys as in `authorized_keys`, without options. */
  readonly keys: readonly string[];
  /** Whether a one-time password (TOTP, RFC 6238) is asked for after the key. Its secret is sealed elsewhere. */
  readonly totp: boolean;
  readonly addedAt: number;
}

/** What a `destroy` command waits for: that somebody else says yes. */
export interface Approval {
  readonly id: string;
  readonly command: string;
  /** Exactly these arguments; any other need an approval of their own. */
  readonly args: Readonly<Record<string, Plain>>;
  readonly asked: { readonly by: string; readonly at: number; readonly reason: string };
  /** Nobody decides on what they asked for themselves. */
  readonly decided: {
    readonly by: string;
    readonly at: number;
    readonly granted: boolean;
    readonly reason: string;
  } | null;
  /** Epoch milliseconds: not before (after it was granted), not after. */
  readonly usableFrom: number;
  readonly expiresAt: number;
  /** When it was used; each is good for once. */
  readonly usedAt: number | null;
}

/** How long an approval can be used, and how long it waits before that. */
export interface ApprovalTerms {
  readonly lifeMs: number;
  readonly delayMs: number;
}

/** Users and approvals of one installation, in its data folder. */
export interface Access {
  users(): Promise<readonly User[]>;
  user(name: string): Promise<User | null>;
  /** Adds or replaces. Throws `USAGE` for a name or key that is none. */
  saveUser(user: User): Promise<void>;
  removeUser(name: string): Promise<boolean>;
  approvals(): Promise<readonly Approval[]>;
  /** @param terms Default is 24 hours, without a delay. Asking again for the same answers the same approval. */
  ask(
    command: string,
    args: Readonly<Record<string, Plain>>,
    by: Actor,
    reason: string,
    terms?: ApprovalTerms,
  ): Promise<Approval>;
  /** Throws `APPROVAL_NOT_FOUND`, and `ACCESS_DENIED` to whoever asked for it. */
  decide(id: string, granted: boolean, by: Actor, reason: string): Promise<Approval>;
  /**
   * Uses up a granted approval for exactly this command and these arguments, once.
   * @throws `APPROVAL_MISSING` with the remedy, `APPROVAL_EXPIRED`, `APPROVAL_TOO_EARLY`.
   */
  use(command: string, args: Readonly<Record<string, Plain>>, by: Actor): Promise<Approval>;
}
