import { HoldfastError } from '@holdfast/api';
import type { Role, User } from './contract.ts';
import { parsePublicKey } from './public-key.ts';
import { allRoles } from './role-table.ts';
import { isFields, type StateFormat } from './state-file.ts';

export const mostUsers = 1_000;
const mostKeys = 20;
const namePattern = /^[a-z][a-z0-9-]{0,31}$/;

const isRole = (value: unknown): value is Role => allRoles.some((role) => role === value);

/** A user as it is kept: keys and roles each once. @throws `NAME_INVALID`, `USAGE`. */
export function checkedUser(user: User): User {
  if (!namePattern.test(user.name)) {
    throw new HoldfastError('NAME_INVALID', `${JSON.stringify(user.name)} is no name for a user`, {
      remedy: 'use a–z, 0–9 and `-`, beginning with a letter, at most 32 characters',
    });
  }
  const roles = allRoles.filter((role) => user.roles.includes(role));
  if (roles.length === 0 || user.roles.some((role) => !isRole(role))) {
    throw new HoldfastError('USAGE', `${user.name} needs roles, each one of ${allRoles.join(', ')}`);
  }
  const keys = new Map(user.keys.map(parsePublicKey).map(({ blob, line }) => [blob.toString('base64'), line]));
  if (keys.size === 0 || keys.size > mostKeys) {
    throw new HoldfastError('USAGE', `${user.name} needs 1 to ${mostKeys} public keys`);
  }
  return { name: user.name, roles, keys: [...keys.values()], totp: user.totp, addedAt: user.addedAt };
}

/** The user that has one of these keys already, and is not this one; `null` when nobody has. */
export function holderOfKeys(user: User, others: readonly User[]): User | null {
  const blobs = new Set(user.keys.map((key) => key.split(' ')[1]));
  return (
    others.find(({ name, keys }) => name !== user.name && keys.some((key) => blobs.has(key.split(' ')[1]))) ?? null
  );
}

function readUser(value: unknown): User {
  if (!isFields(value)) throw new Error('a user is no object');
  const { name, roles, keys, totp, addedAt } = value;
  if (typeof name !== 'string' || !Array.isArray(roles) || !Array.isArray(keys)) throw new Error('a user is not whole');
  if (typeof totp !== 'boolean' || !Number.isSafeInteger(addedAt)) throw new Error('a user is not whole');
  if (!roles.every(isRole) || !keys.every((key) => typeof key === 'string')) throw new Error('a role or key is none');
  return checkedUser({ name, roles, keys, totp, addedAt: Number(addedAt) });
}

/** @see docs/formats/users.md */
export const usersFormat: StateFormat<User> = {
  format: 'holdfast-users',
  list: 'users',
  read: readUser,
  write: (user) => user,
  most: mostUsers,
};
