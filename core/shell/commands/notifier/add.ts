import { type Call, type CheckItem, HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Instance } from '../../../config/contract.ts';
import { openNotifierOn } from '../../../engine/alarms/notifiers.ts';
import { parseWhen } from '../../../model/schedules/when.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { type CheckRow, checkTable, failedItem } from '../../lookup/check-items.ts';
import { isSet, listOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { addToConfig, editedFile } from '../../setup/config-file.ts';
import { newInstance } from '../../setup/new-instance.ts';
import { detailView, plainData, stackView, textCell } from '../../view/build.ts';

async function checked(site: Site, name: string, instance: Instance, call: Call): Promise<readonly CheckItem[]> {
  const deps = { host: await site.host(), secrets: await site.secrets() };
  const notifier = await openNotifierOn(deps, name, instance, call);
  try {
    return await notifier.check(call);
  } finally {
    await notifier.close(call);
  }
}

/** What its check would find, for `--dry-run`: one that does not answer is a row like any other. */
async function tried(site: Site, name: string, instance: Instance, call: Call): Promise<readonly CheckRow[]> {
  try {
    return (await checked(site, name, instance, call)).map((item) => ({ ...item, of: name }));
  } catch (problem) {
    if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
    return [failedItem(name, 'open', problem)];
  }
}

export const run: ShellHandler = async (site, args, call) => {
  const tell = listOf(args, 'tell');
  const digest = textOrNull(args, 'digest');
  if (digest !== null) parseWhen(digest);
  const made = await newInstance(site, 'notifier', args);
  const { name, contribution } = made;
  const own = { ...(tell.length === 0 ? {} : { tell }), ...(digest === null ? {} : { digest }) };
  const instance: Instance = { ...made.instance, ...own };
  const file = await editedFile(site);
  const fields = detailView(`Notifier ${name}`, [
    ['use', 'Kind', textCell(`${contribution.id}: ${contribution.title}`)],
    ...Object.entries(instance)
      .filter(([key]) => key !== 'use')
      .map(([key, value]) => [key, key, textCell(String(value))] as const),
    ['file', 'Configuration', textCell(file)],
  ]);
  if (isSet(args, 'dryRun')) {
    const rows = await tried(site, name, instance, call);
    return {
      data: { dryRun: true, name, instance: plainData(instance), file, checks: plainData(rows) },
      view: stackView('', [checkTable('Checks', rows), fields]),
    };
  }
  await confirmChange(site, args, `adds notifier ${name} to ${file}`);
  const items = await checked(site, name, instance, call);
  const failed = items.find(({ state }) => state === 'failed');
  if (failed !== undefined)
    throw new HoldfastError('NOTIFY_FAILED', `${name} was not added: ${failed.title}: ${failed.detail}`, {
      ...(failed.remedy === undefined ? {} : { remedy: failed.remedy }),
    });
  await addToConfig(site, 'notifiers', name, instance);
  const rows = items.map((item) => ({ ...item, of: name }));
  return {
    data: {
      name,
      instance: plainData(instance),
      file,
      checks: plainData(items),
      undo: { command: 'notifier.remove', args: { name, yes: true } },
    },
    view: stackView('', [fields, checkTable('Checks', rows)]),
  };
};
