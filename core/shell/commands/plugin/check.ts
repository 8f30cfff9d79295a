import { existsSync } from 'node:fs';
import { HoldfastError, type Manifest } from '@holdfast/api';
import { checkPlugin } from '../../../host/authoring/check-plugin.ts';
import type { Problem } from '../../../host/manifest/problem.ts';
import { foreignCommands } from '../../../host/manifest/shown.ts';
import type { ShellCommand, ShellHandler, Site } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';
import { detailView, plainData, stackView, stateCell, tableView, textCell } from '../../view/build.ts';
import { findPlugin } from './show.ts';

/** The folder that is meant: one that is there, else that of a known plugin. */
export async function pluginFolder(site: Site, wanted: string): Promise<string> {
  if (existsSync(wanted)) return wanted;
  if (/^(\.{0,2}|~)\//.test(wanted)) {
    throw new HoldfastError('PLUGIN_NOT_FOUND', `there is no folder ${wanted}`, {
      remedy: 'name the folder that holds the plugin’s package.json, or a plugin of `holdfast plugin list`',
      facts: { folder: wanted },
    });
  }
  return findPlugin(await site.host(), wanted).folder;
}

/** Commands that are named as Holdfast's own and that it does not have. */
function unknownCommands(
  manifest: Manifest,
  commands: readonly ShellCommand[],
  known: readonly Problem[],
): readonly Problem[] {
  const ids = new Set(commands.map(({ id }) => id));
  return foreignCommands(manifest)
    .filter(({ path, command }) => !ids.has(command) && known.every((problem) => problem.path !== path))
    .map(({ path, command }) => {
      const message = `names the command ${command}, which neither this manifest nor Holdfast has`;
      return { file: 'package.json', path, message };
    });
}

export const run: ShellHandler = async (site, args) => {
  const checked = checkPlugin(await pluginFolder(site, textOf(args, 'plugin')));
  const { folder, manifest, permissions } = checked;
  const problems = [...checked.problems, ...unknownCommands(manifest, await site.commands(), checked.problems)];
  const isGood = problems.length === 0;
  const sums = detailView(manifest.name, [
    ['state', 'State', isGood ? stateCell('valid', 'good') : stateCell(`${problems.length} problems`, 'bad')],
    ['folder', 'Folder', textCell(folder)],
    ['permissions', 'It asks to', textCell(permissions.join('; '))],
  ]);
  const data = { name: manifest.name, folder, problems: plainData(problems), permissions };
  if (isGood) return { data, view: sums };
  const table = tableView(
    'Problems',
    [
      { key: 'file', title: 'file', priority: 0 },
      { key: 'path', title: 'where', priority: 0 },
      { key: 'message', title: 'what', priority: 0 },
    ],
    problems.map(({ file, path, message }, index) => ({
      id: String(index),
      cells: { file: textCell(file), path: textCell(path), message: textCell(message) },
    })),
    'none',
  );
  return {
    data,
    view: stackView('', [sums, table]),
    failure: {
      code: 'PLUGIN_INVALID',
      message: `${manifest.name} has ${problems.length} problems`,
      remedy: 'correct what is named above',
    },
  };
};
