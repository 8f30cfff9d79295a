import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import {
  type Arguments,
  approvalsFormat,
  canonical,
  isPast,
  isSamePerson,
  type KeptApproval,
  mostLevels,
  standingOf,
  withRoom,
} from './approvals.ts';
import { chooseApproval } from './choose-approval.ts';
import type { Access, Actor, Approval, ApprovalTerms, User } from './contract.ts';
import { StateFile } from './state-file.ts';
import { checkedUser, holderOfKeys, mostUsers, usersFormat } from './users.ts';

export interface AccessOptions {
  /** Folder for users and approvals; made when something is first written. */
  readonly folder: string;
  readonly now: () => number;
}

/** Opens users and approvals. Nothing is read before it is asked for, and nothing stays open. */
export async function openAccess({ folder, now }: AccessOptions): Promise<Access> {
  return new FileAccess(folder, now);
}

const hourMs = 3_600_000;
const usualTerms: ApprovalTerms = { lifeMs: 24 * hourMs, delayMs: 0 };
const mostArguments = 16 * 1024;
const mostReason = 500;

class FileAccess implements Access {
  readonly #users: StateFile<User>;
  readonly #approvals: StateFile<KeptApproval>;
  readonly #now: () => number;

  constructor(folder: string, now: () => number) {
    this.#users = new StateFile(join(folder, 'users.json'), usersFormat);
    this.#approvals = new StateFile(join(folder, 'approvals.json'), approvalsFormat);
    this.#now = now;
  }

  users(): Promise<readonly User[]> {
    return this.#users.all();
  }

  async user(name: string): Promise<User | null> {
    return (await this.users()).find((user) => user.name === name) ?? null;
  }

  async saveUser(given: User): Promise<void> {
    const user = checkedUser(given);
    await this.#users.change((now) => {
      const holder = holderOfKeys(user, now);
      if (holder !== null) {
        throw new HoldfastError(
          'USAGE',
          `${holder.name} has one of these keys: two names for one person would agree with each other`,
          {
            remedy: 'take a key that only this user has',
          },
        );
      }
      const others = now.filter(({ name }) => name !== user.name);
      if (others.length >= mostUsers)
        throw new HoldfastError('USAGE', `there are ${mostUsers} users, and no more are taken`);
      return [[...others, user].toSorted((a, b) => (a.name < b.name ? -1 : 1)), undefined];
    });
  }

  removeUser(name: string): Promise<boolean> {
    return this.#users.change((now) => {
      const left = now.filter((user) => user.name !== name);
      return left.length === now.length ? [now, false] : [left, true];
    });
  }

  approvals(): Promise<readonly Approval[]> {
    return this.#approvals.all();
  }

  async ask(command: string, args: Arguments, by: Actor, reason: string, terms = usualTerms): Promise<Approval> {
    checkSize(args);
    return await this.#approvals.change((all) => {
      const at = this.#now();
      const same = all.find(
        (one) =>
          one.command === command &&
          one.asked.by === by.name &&
          !isPast(one, at) &&
          canonical(one.args) === canonical(args),
      );
      // Whoever asks twice waits for one answer.
      if (same !== undefined) return [all, same];
      const approval: KeptApproval = {
        id: randomBytes(6).toString('hex'),
        command,
        args: JSON.parse(canonical(args)),
        asked: { by: by.name, from: by.from, at, reason: reason.slice(0, mostReason) },
        decided: null,
        ...terms,
        usableFrom: at,
        expiresAt: at + terms.lifeMs,
        usedAt: null,
        usedBy: null,
      };
      const next = withRoom([...all, approval], at);
      if (next === null) {
        throw new HoldfastError('USAGE', 'too many approvals wait for a decision', {
          remedy: '`holdfast approval list` shows them; decide on some, or wait until they end',
        });
      }
      return [next, approval];
    });
  }

  decide(id: string, granted: boolean, by: Actor, reason: string): Promise<Approval> {
    return this.#approvals.change((all) => {
      const at = this.#now();
      const found = all.find((one) => one.id === id);
      if (found === undefined) {
        throw new HoldfastError('APPROVAL_NOT_FOUND', `no approval has the identity ${id}`, { facts: { id } });
      }
      refuseOwn(found, by);
      const standing = standingOf(found, at);
      if (standing === 'expired') {
        throw new HoldfastError('APPROVAL_EXPIRED', `${id} has ended before it was decided on`, { facts: { id } });
      }
      if (standing !== 'waiting' && !(standing === 'granted' || standing === 'delayed')) throw decidedBefore(found);
      // A grant can be taken back until it is used; a refusal stands.
      if (standing !== 'waiting' && granted) throw decidedBefore(found);
      const usableFrom = at + found.delayMs;
      const decided: KeptApproval = {
        ...found,
        decided: { by: by.name, from: by.from, at, granted, reason: reason.slice(0, mostReason) },
        usableFrom,
        expiresAt: usableFrom + found.lifeMs,
      };
      return [all.map((one) => (one === found ? decided : one)), decided];
    });
  }

  use(command: string, args: Arguments, by: Actor): Promise<Approval> {
    return this.#approvals.change((all) => {
      const at = this.#now();
      const chosen = chooseApproval(all, command, args, by, at);
      const used: KeptApproval = { ...chosen, usedAt: at, usedBy: by.name };
      return [all.map((one) => (one === chosen ? used : one)), used];
    });
  }
}

function refuseOwn({ id, asked }: KeptApproval, by: Actor): void {
  if (!isSamePerson(asked, by)) return;
  const why =
    asked.by === by.name
      ? 'you asked for it yourself'
      : `${asked.by} asked for it at the local console, as you sit there`;
  throw new HoldfastError('ACCESS_DENIED', `you cannot decide on ${id}: ${why}`, {
    remedy: 'somebody else with the role approver has to, logged in over SSH as themselves',
    facts: { id },
  });
}

function decidedBefore({ id, decided }: KeptApproval): HoldfastError {
  const what = decided?.granted === true ? 'granted' : 'refused';
  return new HoldfastError('USAGE', `${id} was ${what} by ${decided?.by} already`, {
    remedy: 'see `holdfast approval show`; for something new, ask anew',
    facts: { id },
  });
}

function checkSize(args: Arguments): void {
  const depth = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;
  if (Buffer.byteLength(canonical(args)) <= mostArguments && depth(args) <= mostLevels) return;
  throw new HoldfastError('USAGE', 'these are too many arguments for one approval', {
    remedy: 'ask for fewer at once, or by a rule in place of names',
  });
}
