import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { newInstance } from '../../setup/new-instance.ts';
import { describeTarget, setUpTarget } from '../../setup/new-target.ts';

export const run: ShellHandler = async (site, args, call) => {
  const target = await newInstance(site, 'target', {
    name: textOf(args, 'target'),
    use: 'disk',
    path: textOf(args, 'path'),
  });
  const wish = {
    target,
    passphrase: textOrNull(args, 'passphrase'),
    recoveryFile: textOrNull(args, 'recoveryFile'),
  };
  if (isSet(args, 'dryRun')) return describeTarget(site, wish);
  await confirmChange(site, args, `makes a repository in ${String(target.instance.path)} and writes the configuration`);
  return setUpTarget(site, wish, call);
};
