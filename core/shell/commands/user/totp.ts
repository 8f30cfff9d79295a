import { hostname } from 'node:os';
import { makeTotpSecret, totpAddress, totpName, totpReference } from '../../access/totp.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, textCell } from '../../view/build.ts';
import { secretsOf } from '../secret/store.ts';
import { findUser } from './person.ts';

export const run: ShellHandler = async (site, args) => {
  const access = await site.access();
  const user = await findUser(site, textOf(args, 'name'));
  const { name } = user;
  const isOff = isSet(args, 'off');
  const what = isOff
    ? `asks ${name} for the key alone from now on`
    : `asks ${name} for a one-time password too${user.totp ? '; the authenticator that is set up now is good for nothing then' : ''}`;
  if (isSet(args, 'dryRun')) {
    return {
      data: { dryRun: true, name, off: isOff, reference: totpReference(name) },
      view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]),
    };
  }
  await confirmChange(site, args, what);
  const store = await (await secretsOf(site)).sealed();
  if (isOff) {
    await access.saveUser({ ...user, totp: false });
    await store.remove(totpName(name));
    return {
      data: { name, totp: false },
      view: detailView('No one-time password any more', [['name', 'User', textCell(name)]]),
    };
  }
  const secret = makeTotpSecret();
  // Sealed first: somebody who is asked for a password that nobody can check could not log in.
  await store.set(totpName(name), secret);
  await access.saveUser({ ...user, totp: true });
  const address = totpAddress(name, hostname(), secret);
  return {
    data: { name, totp: true, reference: totpReference(name), secret, address },
    view: detailView(`One-time password of ${name}`, [
      ['secret', 'Secret', textCell(secret)],
      ['address', 'Address', textCell(address)],
      ['once', 'Note', textCell('this is shown once: put it into the authenticator now')],
    ]),
  };
};
