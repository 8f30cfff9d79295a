import { type DetailView, HoldfastError, type Plain } from '@holdfast/api';
import { nearest } from '../../../config/nearest.ts';
import type { User } from '../../access/contract.ts';
import { parsePublicKey } from '../../access/public-key.ts';
import type { Site } from '../../contract.ts';
import { detailView, plainData, stateCell, textCell, timeCell } from '../../view/build.ts';

/** @throws `USER_NOT_FOUND` with the nearest name. */
export async function findUser(site: Site, name: string): Promise<User> {
  const users = await (await site.access()).users();
  const user = users.find((one) => one.name === name);
  if (user !== undefined) return user;
  const near = nearest(
    name,
    users.map((one) => one.name),
  );
  throw new HoldfastError('USER_NOT_FOUND', `no user is called ${name}`, {
    ...(near === undefined ? {} : { remedy: `the nearest name is ${near}; \`holdfast user list\` shows all` }),
    facts: { name, nearest: near ?? null },
  });
}

const shownKey = (key: string): string => {
  const { type, bits, fingerprint, comment } = parsePublicKey(key);
  return `${type} ${bits} ${fingerprint}${comment === '' ? '' : ` (${comment})`}`;
};

export const userData = (user: User): Plain =>
  plainData({ ...user, fingerprints: user.keys.map((key) => parsePublicKey(key).fingerprint) });

export function userView(title: string, user: User): DetailView {
  return detailView(title, [
    ['name', 'Name', textCell(user.name)],
    ['roles', 'Roles', textCell(user.roles.join(', '))],
    ...user.keys.map((key, index) => [`key${index + 1}`, index === 0 ? 'Keys' : '', textCell(shownKey(key))] as const),
    ['totp', 'One-time password', user.totp ? stateCell('asked for', 'good') : stateCell('not asked for', 'quiet')],
    ['added', 'Added', timeCell(user.addedAt)],
  ]);
}
