import { type Call, HoldfastError } from '@holdfast/api';
import type { SecretsAndStore } from '../../../config/secrets/open-secrets.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { isSet, textOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, textCell } from '../../view/build.ts';
import { secretsOf } from './store.ts';

export const run: ShellHandler = async (site, args, call) => {
  const name = textOf(args, 'name');
  const from = textOrNull(args, 'from');
  const secrets = await secretsOf(site);
  const store = await secrets.sealed();
  const data = { name, reference: `sealed:${name}`, file: store.file };
  if (isSet(args, 'dryRun')) {
    const plan = `seal ${from === null ? 'what you type' : `what ${from} leads to`} as sealed:${name} in ${store.file}`;
    return { data: { dryRun: true, ...data }, view: detailView('Plan', [['plan', 'Would', textCell(plan)]]) };
  }
  const value = await take(site, secrets, from, call);
  if ((await store.list()).includes(name)) await confirmChange(site, args, `replaces the sealed secret ${name}`);
  await store.set(name, value);
  return {
    data,
    view: detailView('Secret sealed', [
      ['reference', 'Reference', textCell(data.reference)],
      ['file', 'In', textCell(data.file)],
    ]),
  };
};

async function take(site: Site, secrets: SecretsAndStore, from: string | null, call: Call): Promise<string> {
  if (from !== null) return await secrets.resolve(from, call.signal);
  if (site.ask === null) {
    throw new HoldfastError('ANSWER_MISSING', 'the secret is missing and nobody is here to type it', {
      remedy: 'say where it is: `--from env:NAME`, `--from file:/path` or another reference',
    });
  }
  return await site.ask.text('The secret', { secret: true });
}
