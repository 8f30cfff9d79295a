import { findInstance } from '../../../config/instance.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { removeFromConfig } from '../../setup/config-file.ts';
import { undoRemoval } from '../../setup/undo-removal.ts';
import { detailView, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args) => {
  const name = textOf(args, 'name');
  const instance = findInstance(await site.config(), 'notifiers', name);
  const what = `removes notifier ${name} from the configuration; what waits to be sent by it is given up`;
  if (isSet(args, 'dryRun')) {
    return { data: { dryRun: true, name }, view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]) };
  }
  await confirmChange(site, args, what);
  await removeFromConfig(site, 'notifiers', name);
  const isPlain = instance.tell === undefined && instance.digest === undefined;
  return {
    data: { removed: name, undo: isPlain ? undoRemoval('notifier', name, instance) : null },
    view: detailView(`Notifier ${name}`, [['state', 'State', textCell('removed')]]),
  };
};
