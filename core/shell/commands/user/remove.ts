import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { findUser, userData, userView } from './person.ts';

export const run: ShellHandler = async (site, args) => {
  const user = await findUser(site, textOf(args, 'name'));
  if (isSet(args, 'dryRun'))
    return { data: { dryRun: true, user: userData(user) }, view: userView('Would remove', user) };
  await confirmChange(
    site,
    args,
    `keeps ${user.name} from logging in; sessions that are open stay until they are ended`,
  );
  await (await site.access()).removeUser(user.name);
  return { data: { user: userData(user), removed: true }, view: userView('User removed', user) };
};
