import { findInstance } from '../../../config/instance.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { removeFromConfig } from '../../setup/config-file.ts';
import { undoRemoval } from '../../setup/undo-removal.ts';
import { detailView, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args) => {
  const name = textOf(args, 'name');
  const instance = findInstance(await site.config(), 'targets', name);
  const { passphrase } = instance;
  const what = `removes target ${name} from the configuration; the repository on it, and its passphrase, stay as they are`;
  if (isSet(args, 'dryRun')) {
    return { data: { dryRun: true, name }, view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]) };
  }
  await confirmChange(site, args, what);
  await removeFromConfig(site, 'targets', name);
  return {
    data: {
      removed: name,
      passphrase: typeof passphrase === 'string' ? passphrase : null,
      undo: undoRemoval('target', name, instance),
    },
    view: detailView(`Target ${name}`, [
      ['state', 'State', textCell('removed from the configuration')],
      [
        'passphrase',
        'Passphrase',
        textCell(typeof passphrase === 'string' ? `still at ${passphrase}` : 'none was configured'),
      ],
    ]),
  };
};
