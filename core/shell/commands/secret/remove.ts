import { HoldfastError } from '@holdfast/api';
import { nearest } from '../../../config/nearest.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, textCell } from '../../view/build.ts';
import { secretsOf } from './store.ts';

export const run: ShellHandler = async (site, args) => {
  const name = textOf(args, 'name');
  const store = await (await secretsOf(site)).sealed();
  const names = await store.list();
  if (!names.includes(name)) {
    const near = nearest(name, names);
    throw new HoldfastError('SECRET_UNAVAILABLE', `no secret is sealed as ${name}`, {
      remedy: near === undefined ? '`holdfast config secret list` shows what there is' : `the nearest name is ${near}`,
      facts: { name, nearest: near ?? null },
    });
  }
  const what = `removes the sealed secret ${name}; what refers to sealed:${name} will not open any more`;
  if (isSet(args, 'dryRun')) {
    return { data: { dryRun: true, name }, view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]) };
  }
  await confirmChange(site, args, what);
  await store.remove(name);
  return { data: { name, removed: true }, view: detailView('Secret removed', [['name', 'Name', textCell(name)]]) };
};
