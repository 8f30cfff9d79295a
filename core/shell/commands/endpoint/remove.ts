import { findInstance } from '../../../config/instance.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { removeFromConfig } from '../../setup/config-file.ts';
import { undoRemoval } from '../../setup/undo-removal.ts';
import { detailView, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args) => {
  const name = textOf(args, 'name');
  const instance = findInstance(await site.config(), 'endpoints', name);
  const what = `removes endpoint ${name} from the configuration; its machines and their restore points stay as they are`;
  if (isSet(args, 'dryRun')) {
    return { data: { dryRun: true, name }, view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]) };
  }
  await confirmChange(site, args, what);
  await removeFromConfig(site, 'endpoints', name);
  // Nobody lists its machines any more: policies begin nothing for them, and nothing is missed.
  await (await site.catalog()).seenMachines(name, []);
  return {
    data: { removed: name, undo: undoRemoval('endpoint', name, instance) },
    view: detailView(`Endpoint ${name}`, [['state', 'State', textCell('removed')]]),
  };
};
