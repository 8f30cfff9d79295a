import type { ShellHandler } from '../../contract.ts';
import { isSet, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { newInstance } from '../../setup/new-instance.ts';
import { describeTarget, setUpTarget } from '../../setup/new-target.ts';

export const run: ShellHandler = async (site, args, call) => {
  const target = await newInstance(site, 'target', args);
  const wish = {
    target,
    passphrase: textOrNull(args, 'passphrase'),
    recoveryFile: textOrNull(args, 'recoveryFile'),
    family: textOrNull(args, 'family'),
  };
  if (isSet(args, 'dryRun')) return describeTarget(site, wish);
  await confirmChange(
    site,
    args,
    `adds target ${target.name} to the configuration and makes a repository on it if there is none`,
  );
  return setUpTarget(site, wish, call);
};
