import { resolve } from 'node:path';
import { newPlugin, type SkeletonKind } from '../../../host/authoring/new-plugin.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { countCell, detailView, plainData, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args) => {
  const kind = textOf(args, 'kind') as SkeletonKind;
  const name = textOf(args, 'name');
  const folder = resolve(textOrNull(args, 'folder') ?? name.slice(name.lastIndexOf('/') + 1));
  const what = `writes a working ${kind} plugin into ${folder}`;
  if (isSet(args, 'dryRun')) {
    return {
      data: { dryRun: true, kind, name, folder },
      view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]),
    };
  }
  await confirmChange(site, args, what);
  const made = newPlugin(kind, name, folder);
  return {
    data: plainData(made),
    view: detailView(`Plugin ${made.name}`, [
      ['folder', 'Folder', textCell(made.folder)],
      ['id', `${kind} id`, textCell(made.id)],
      ['files', 'Files', countCell(made.files.length)],
      ['test', 'Try it', textCell(`${site.invocation} plugin test ${made.folder} --yes`)],
      ['add', 'Then', textCell(`${site.invocation} plugin add ${made.folder}`)],
    ]),
  };
};
