import type { Role, User } from '../../access/contract.ts';
import { checkedUser } from '../../access/users.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, listOf, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { findUser, userData, userView } from './person.ts';

const listed = (roles: readonly Role[]): string => (roles.length === 0 ? 'nothing' : roles.join(', '));

export const run: ShellHandler = async (site, args) => {
  const before = await findUser(site, textOf(args, 'name'));
  const user = checkedUser({ ...before, roles: listOf(args, 'role') as User['roles'] });
  const given = user.roles.filter((role) => !before.roles.includes(role));
  const taken = before.roles.filter((role) => !user.roles.includes(role));
  const data = { user: userData(user), given, taken };
  if (isSet(args, 'dryRun')) return { data: { dryRun: true, ...data }, view: userView('Would be', user) };
  await confirmChange(site, args, `gives ${user.name} ${listed(given)} and takes away ${listed(taken)}`);
  await (await site.access()).saveUser(user);
  const undo = { command: 'user.role', args: { name: user.name, role: [...before.roles], yes: true } };
  return { data: { ...data, undo }, view: userView('Roles changed', user) };
};
