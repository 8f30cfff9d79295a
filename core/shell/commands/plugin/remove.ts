import { addedPlugin } from '../../../host/authoring/added-plugin.ts';
import { removePlugin } from '../../../host/authoring/remove-plugin.ts';
import type { ShellHandler } from '../../contract.ts';
import { usersOf } from '../../lookup/plugin-users.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, plainData, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args) => {
  const { manifest, folder } = addedPlugin(site.pluginFolders, textOf(args, 'name'));
  const what = `removes ${manifest.name} ${manifest.version} from ${folder} and the trust in it; what it contributed is gone, its data stays${await usersOf(site, manifest)}`;
  if (isSet(args, 'dryRun')) {
    return {
      data: { dryRun: true, name: manifest.name },
      view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]),
    };
  }
  await confirmChange(site, args, what);
  await site.reload();
  const removed = removePlugin(site.pluginFolders, manifest.name);
  return { data: plainData(removed), view: detailView(removed.name, [['state', 'State', textCell('removed')]]) };
};
