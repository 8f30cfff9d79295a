import { resolve } from 'node:path';
import type { NotifierContribution } from '@holdfast/api';
import { HoldfastError, type Plain } from '@holdfast/api';
import type { Instance } from '../../config/contract.ts';
import { nearest } from '../../config/nearest.ts';
import type { Contributed } from '../../host/contract.ts';
import type { Site } from '../contract.ts';
import { checkName } from '../lookup/names.ts';
import { type Arguments, listOf, textOf, textOrNull } from '../registry/argument-values.ts';
import { checkNew, refuseUntrusted } from './check-new.ts';
import { completeSettings, folderSetting, readSettings } from './settings.ts';

/** An endpoint, target or notifier that is about to be added. */
export interface NewInstance {
  readonly name: string;
  readonly instance: Instance;
  readonly contribution: NotifierContribution;
}

type Kind = 'endpoint' | 'target' | 'notifier';

const article: Readonly<Record<Kind, string>> = { endpoint: 'an endpoint', target: 'a target', notifier: 'a notifier' };
const taken = { endpoint: 'ENDPOINT_EXISTS', target: 'TARGET_EXISTS', notifier: 'NAME_TAKEN' } as const;

function contributionFor(
  kind: Kind,
  use: string | null,
  all: readonly Contributed<NotifierContribution>[],
): Contributed<NotifierContribution> {
  const ids = all.map(({ contribution }) => contribution.id);
  const noun = kind === 'endpoint' ? 'hypervisor' : kind;
  const [only, second] = all;
  if (use === null && only !== undefined && second === undefined) return only;
  if (use === null) {
    throw new HoldfastError('ANSWER_MISSING', `which kind of ${noun} is meant is not said`, {
      remedy: `add \`--use\` with one of: ${ids.join(', ')}`,
    });
  }
  const found = all.find(({ contribution }) => contribution.id === use);
  if (found !== undefined) return found;
  const meant = nearest(use, ids);
  throw new HoldfastError('PLUGIN_NOT_FOUND', `no plugin contributes the ${noun} ${use}`, {
    remedy: meant === undefined ? `there are: ${ids.join(', ')}` : `did you mean ${meant}?`,
    facts: { use },
  });
}

/**
 * Reads name, kind and settings of a new endpoint, target or notifier from arguments, asking for what its plugin requires.
 * @throws `ENDPOINT_EXISTS`, `TARGET_EXISTS`, `NAME_TAKEN`, `NAME_INVALID`, `PLUGIN_NOT_FOUND`, `PLUGIN_UNTRUSTED`, `ANSWER_MISSING`, `USAGE`.
 */
export async function newInstance(site: Site, kind: Kind, args: Arguments): Promise<NewInstance> {
  const name = checkName(article[kind], textOf(args, 'name'));
  const { config } = await site.config();
  if (Object.hasOwn(config[`${kind}s`] ?? {}, name)) {
    throw new HoldfastError(taken[kind], `${kind} ${name} is there already`, {
      remedy: `use it, or choose another name; \`holdfast ${kind} ${kind === 'target' ? 'doctor' : 'check'} ${name}\` looks at it`,
    });
  }
  const host = await site.host();
  const all = kind === 'endpoint' ? host.hypervisors() : kind === 'target' ? host.targets() : host.notifiers();
  const { plugin, contribution, settings: schema } = contributionFor(kind, textOrNull(args, 'use'), all);
  refuseUntrusted(host, plugin, `${kind} ${name}`);
  const path = textOrNull(args, 'path');
  const given: Record<string, Plain> = readSettings(listOf(args, 'set'), schema, contribution.id);
  const folder = folderSetting(schema);
  if (path !== null) {
    if (folder === null) {
      throw new HoldfastError('USAGE', `${contribution.id} takes no folder`, { remedy: 'use `--set KEY=VALUE`' });
    }
    given[folder] = path;
  }
  const complete = await completeSettings(given, schema, contribution.id, site);
  // A path is meant from where the person stands, and the configuration must not depend on that.
  const written = folder === null ? undefined : complete[folder];
  if (folder !== null && typeof written === 'string') complete[folder] = resolve(written);
  const instance = { use: contribution.id, ...complete };
  const flags = new Map(Object.keys(given).map((key) => [key, `--set ${key}`]));
  if (folder !== null && path !== null) flags.set(folder, '--path');
  const passphrase = textOrNull(args, 'passphrase');
  flags.set('passphrase', '--passphrase');
  await checkNew(site, kind, name, { ...instance, ...(passphrase === null ? {} : { passphrase }) }, flags);
  return { name, contribution, instance };
}
