import type { ShellHandler } from '../../contract.ts';
import { isSet, listOf, textOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { type NewInstance, newInstance } from '../../setup/new-instance.ts';
import { describeTarget, setUpTarget } from '../../setup/new-target.ts';

/** Where the repository goes, as far as the settings say so. */
const placeOf = ({ name, instance }: NewInstance): string => {
  const folder = instance.path ?? instance.folder;
  return typeof folder === 'string' ? `in ${folder}` : `on ${name}`;
};

export const run: ShellHandler = async (site, args, call) => {
  const target = await newInstance(site, 'target', {
    name: textOf(args, 'target'),
    use: textOrNull(args, 'use') ?? 'disk',
    path: textOrNull(args, 'path'),
    set: listOf(args, 'set'),
    passphrase: textOrNull(args, 'passphrase'),
  });
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
    `makes a repository ${placeOf(target)}, or takes the one that the passphrase opens, and writes the configuration`,
  );
  return setUpTarget(site, wish, call);
};
