import { resolve } from 'node:path';
import { type Call, HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Instance } from '../../../../config/contract.ts';
import { secretReference } from '../../../../config/instance.ts';
import type { Unlock } from '../../../../repository/contract.ts';
import type { Site } from '../../../contract.ts';
import { chooseTarget } from '../../../lookup/targets.ts';
import { type Arguments, isSet, listOf, textOrNull } from '../../../registry/argument-values.ts';
import { newInstance } from '../../../setup/new-instance.ts';
import { looksLikeWords, readWords } from './words.ts';

/** Where the repository lies. */
export interface Place {
  readonly name: string;
  /** Whether somebody chose the name, or the configuration has it: else the saved catalog's name for it is taken. */
  readonly isNamed: boolean;
  readonly isConfigured: boolean;
  readonly instance: Instance;
}

/** The secret that opens it, and the reference under which the configuration can find it again; `null` for one that was typed or read once. */
export interface Secret {
  readonly unlock: Unlock;
  readonly reference: string | null;
}

const fallbackName = 'main';

/** A target of the configuration, or one that is described by arguments. @throws `USAGE`, and what `newInstance` and `chooseTarget` throw. */
export async function placeOf(site: Site, args: Arguments): Promise<Place> {
  const named = textOrNull(args, 'target');
  const folder = textOrNull(args, 'storeFolder');
  const isDescribed = folder !== null || textOrNull(args, 'use') !== null || listOf(args, 'set').length > 0;
  const { config } = await site.config();
  // An attempt that was broken off may have written it down already.
  const before = folder === null ? undefined : config.targets[named ?? fallbackName];
  if (before !== undefined && before.path === resolve(folder ?? ''))
    return { name: named ?? fallbackName, isNamed: true, isConfigured: true, instance: before };
  if (!isDescribed) {
    if (Object.keys(config.targets).length === 0)
      throw new HoldfastError('ANSWER_MISSING', 'where the repository lies is not said', {
        remedy: 'add `--store-folder FOLDER`, or `--use KIND` and its settings with `--set`',
      });
    const name = await chooseTarget(site, named, '--target');
    const instance = config.targets[name];
    if (instance === undefined) throw new Error(`${name} was chosen and is not there`);
    return { name, isNamed: true, isConfigured: true, instance };
  }
  // Whoever only looks makes no target, and needs no name for one.
  const wanted = named ?? (isSet(args, 'list') ? unused(config.targets) : fallbackName);
  refuseOther(config.targets, wanted);
  const { name, instance } = await newInstance(site, 'target', {
    name: wanted,
    use: textOrNull(args, 'use') ?? 'disk',
    path: folder,
    set: listOf(args, 'set'),
    passphrase: textOrNull(args, 'passphrase'),
  });
  return { name, isNamed: named !== null, isConfigured: false, instance };
}

function unused(targets: Readonly<Record<string, Instance>>): string {
  let name = fallbackName;
  while (Object.hasOwn(targets, name)) name += '-too';
  return name;
}

/** Another repository of this installation has the name: its configuration must not be lost. */
export function refuseOther(targets: Readonly<Record<string, Instance>>, name: string): void {
  if (!Object.hasOwn(targets, name)) return;
  throw new HoldfastError('TARGET_EXISTS', `target ${name} of this installation is another repository`, {
    remedy: 'give the recovered one a name: `holdfast repository recover NAME …`',
    facts: { target: name },
  });
}

/** What opens the repository: words, a passphrase by reference, that of the configuration, or what a person types. @throws `ANSWER_MISSING`, `SECRET_UNAVAILABLE`, `USAGE`. */
export async function secretOf(site: Site, args: Arguments, place: Place, call: Call): Promise<Secret> {
  const file = textOrNull(args, 'recoveryWordsFile');
  const given = textOrNull(args, 'passphrase');
  if (file !== null && given !== null)
    throw new HoldfastError('USAGE', '`--passphrase` and `--recovery-words-file` exclude each other');
  if (file !== null) return { unlock: { recoveryWords: await readWords(site, file) }, reference: null };
  const reference = given ?? (place.isConfigured ? configured(place) : null);
  if (reference !== null) {
    try {
      const passphrase = await (await site.secrets()).resolve(reference, call.signal);
      return { unlock: unlockOf(passphrase), reference };
    } catch (problem) {
      if (given !== null || site.ask === null || !isHoldfastError(problem, 'SECRET_UNAVAILABLE')) throw problem;
      call.log('warn', problem.message);
    }
  }
  if (site.ask === null)
    throw new HoldfastError('ANSWER_MISSING', 'nobody is here to type a passphrase or recovery words', {
      remedy: 'add `--recovery-words-file FILE` (`-` for stdin), or `--passphrase REF`',
    });
  const typed = await site.ask.text('Passphrase, or the 24 recovery words in their order', { secret: true });
  return { unlock: unlockOf(typed), reference: null };
}

const unlockOf = (secret: string): Unlock =>
  looksLikeWords(secret) ? { recoveryWords: secret } : { passphrase: secret };

function configured({ name, instance }: Place): string | null {
  return instance.passphrase === undefined ? null : secretReference('targets', name, instance, 'passphrase');
}
