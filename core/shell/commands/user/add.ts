import { HoldfastError } from '@holdfast/api';
import type { User } from '../../access/contract.ts';
import { checkedUser, holderOfKeys } from '../../access/users.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, listOf, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { readKeys } from './keys.ts';
import { userData, userView } from './person.ts';

export const run: ShellHandler = async (site, args) => {
  const name = textOf(args, 'name');
  const access = await site.access();
  const user = checkedUser({
    name,
    roles: listOf(args, 'role') as User['roles'],
    keys: await readKeys(listOf(args, 'key')),
    totp: false,
    addedAt: site.now(),
  });
  const users = await access.users();
  if (users.some((one) => one.name === name)) {
    throw new HoldfastError('NAME_TAKEN', `there is a user ${name} already`, {
      remedy: '`holdfast user role` gives other roles; for another key, remove the user and add them anew',
    });
  }
  const holder = holderOfKeys(user, users);
  if (holder !== null) throw new HoldfastError('NAME_TAKEN', `${holder.name} has one of these keys already`);
  if (isSet(args, 'dryRun')) return { data: { dryRun: true, user: userData(user) }, view: userView('Would add', user) };
  const what = user.keys.length === 1 ? 'this key' : `one of these ${user.keys.length} keys`;
  await confirmChange(
    site,
    args,
    `lets whoever has ${what} log in as ${name}, with the roles ${user.roles.join(', ')}`,
  );
  await access.saveUser(user);
  return { data: { user: userData(user) }, view: userView('User added', user) };
};
