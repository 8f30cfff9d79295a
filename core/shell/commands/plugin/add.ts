import { addPlugin } from '../../../host/authoring/add-plugin.ts';
import { checkPlugin } from '../../../host/authoring/check-plugin.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, plainData, stateCell, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args) => {
  const folder = textOf(args, 'folder');
  const { manifest, permissions } = checkPlugin(folder);
  const update = isSet(args, 'update');
  const place = update
    ? `${site.pluginFolders.addedFolder}, in place of what is there`
    : site.pluginFolders.addedFolder;
  const what = `copies ${manifest.name} ${manifest.version} into ${place}; nothing of it runs before you trust it`;
  if (isSet(args, 'dryRun')) {
    return {
      data: { dryRun: true, name: manifest.name, permissions },
      view: detailView('Plan', [
        ['plan', 'Would', textCell(`This ${what}`)],
        ['permissions', 'It asks to', textCell(permissions.join('; '))],
      ]),
    };
  }
  await confirmChange(site, args, what);
  const added = addPlugin(site.pluginFolders, folder, { update });
  return {
    data: plainData(added),
    view: detailView(`${added.name} ${added.version}`, [
      ['state', 'State', stateCell('added, not trusted yet', 'risk')],
      ['folder', 'Folder', textCell(added.folder)],
      ['permissions', 'It asks to', textCell(added.permissions.join('; '))],
      ['next', 'Next', textCell(`${site.invocation} plugin trust ${added.name}`)],
    ]),
  };
};
