import { type CheckItem, HoldfastError } from '@holdfast/api';
import type { ShellHandler } from '../../contract.ts';
import { checkTable } from '../../lookup/check-items.ts';
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
  if (isSet(args, 'dryRun')) return { data: { dryRun: true, name, instance: plainData(instance), file }, view: fields };
  await confirmChange(site, args, `adds endpoint ${name} to ${file}`);
  // Looked at before it is written down: whatever ends this in between leaves nothing behind.
  const hypervisor = await site.hypervisorOn(name, instance, call);
  const items = await hypervisor.check(call);
  refuseFailed(name, items);
  await addToConfig(site, 'endpoints', name, instance);
  return {
    data: { name, instance: plainData(instance), file, checks: plainData(items) },
    view: stackView('', [
      fields,
      checkTable(
        'Checks',
        items.map((item) => ({ ...item, of: name })),
      ),
    ]),
  };
};
