import { type Call, type CheckItem, HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Instance } from '../../../config/contract.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { type CheckRow, checkTable, failedItem } from '../../lookup/check-items.ts';
import { isSet } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { addToConfig, editedFile } from '../../setup/config-file.ts';
import { newInstance } from '../../setup/new-instance.ts';
import { detailView, plainData, stackView, textCell } from '../../view/build.ts';

function refuseFailed(name: string, items: readonly CheckItem[]): void {
  const failed = items.find(({ state }) => state === 'failed');
  if (failed === undefined) return;
  throw new HoldfastError('ENDPOINT_UNREACHABLE', `${name} was not added: ${failed.title}: ${failed.detail}`, {
    ...(failed.remedy === undefined ? {} : { remedy: failed.remedy }),
  });
}

/** What its check would find, for `--dry-run`: one that does not answer is a row like any other. */
async function tried(site: Site, name: string, instance: Instance, call: Call): Promise<readonly CheckRow[]> {
  try {
    const items = await (await site.hypervisorOn(name, instance, call)).check(call);
    return items.map((item) => ({ ...item, of: name }));
  } catch (problem) {
    if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
    return [failedItem(name, 'open', problem)];
  }
}

export const run: ShellHandler = async (site, args, call) => {
  const { name, instance, contribution } = await newInstance(site, 'endpoint', args);
  const file = await editedFile(site);
  const fields = detailView(`Endpoint ${name}`, [
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
  await confirmChange(site, args, `adds endpoint ${name} to ${file}`);
  // Looked at before it is written down: whatever ends this in between leaves nothing behind.
  const hypervisor = await site.hypervisorOn(name, instance, call);
  const items = await hypervisor.check(call);
  refuseFailed(name, items);
  await addToConfig(site, 'endpoints', name, instance);
  // So that the overview knows what there is before anybody lists it. It is asked again then, and what fails here is told then.
  await (await site.engine()).listMachines(name, call).catch(() => []);
  return {
    data: {
      name,
      instance: plainData(instance),
      file,
      checks: plainData(items),
      undo: { command: 'endpoint.remove', args: { name, yes: true } },
    },
    view: stackView('', [
      fields,
      checkTable(
        'Checks',
        items.map((item) => ({ ...item, of: name })),
      ),
    ]),
  };
};
