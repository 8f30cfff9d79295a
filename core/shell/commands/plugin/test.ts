import { resolve, sep } from 'node:path';
import { testPluginApart } from '../../../host/authoring/test-apart.ts';
import type { PluginTestReport } from '../../../host/authoring/test-plugin.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet, textOf } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { detailView, noCell, plainData, stackView, stateCell, tableView, textCell } from '../../view/build.ts';
import { pluginFolder } from './check.ts';

interface Row {
  readonly of: string;
  readonly place: string;
  readonly name: string;
  readonly failure: string | null;
}

function rowsOf({ contributions, own, problems }: PluginTestReport): readonly Row[] {
  return [
    ...problems.map(({ file, path, message }) => ({ of: file, place: 'manifest', name: path, failure: message })),
    ...contributions.flatMap(({ kind, id, inProcess, acrossWorker, afterCrash, differences }) => {
      const of = `${kind} ${id}`;
      const places = [
        ['in process', inProcess],
        ['worker', acrossWorker],
        ['after a crash', afterCrash],
      ] as const;
      return [
        ...places.flatMap(([place, { results }]) => results.map(({ name, failure }) => ({ of, place, name, failure }))),
        ...differences.map((difference) => ({
          of,
          place: 'both',
          name: 'the same in process and across a worker',
          failure: difference,
        })),
      ];
    }),
    ...own.results.map(({ name, failure }) => ({ of: 'its own', place: 'in process', name, failure })),
  ];
}

export const run: ShellHandler = async (site, args, call) => {
  const folder = await pluginFolder(site, textOf(args, 'plugin'));
  const what = `runs the code of the plugin in ${folder} with your rights`;
  if (isSet(args, 'dryRun')) {
    return { data: { dryRun: true, folder }, view: detailView('Plan', [['plan', 'Would', textCell(`This ${what}`)]]) };
  }
  await confirmChange(site, args, what);
  call.progress({ phase: `testing ${folder}` });
  const report = await testPluginApart(folder, {
    // Workers are ended on purpose here: what ends without being asked fails a check by itself.
    log: (level, message) => {
      if (!message.endsWith('it was ended on purpose')) call.log(level, message);
    },
    signal: call.signal,
    resolvesHere: resolve(folder).startsWith(site.pluginFolders.shippedFolder + sep),
  });
  const rows = rowsOf(report);
  const failed = rows.filter(({ failure }) => failure !== null);
  const summary = `${rows.length - failed.length} passed, ${failed.length} failed`;
  return {
    data: {
      plugin: report.plugin,
      ok: report.ok,
      passed: rows.length - failed.length,
      failed: failed.length,
      report: plainData(report),
    },
    view: stackView('', [
      tableView(
        `Conformance of ${report.plugin}`,
        [
          { key: 'state', title: 'state', priority: 0 },
          { key: 'of', title: 'of' },
          { key: 'place', title: 'where' },
          { key: 'name', title: 'check', priority: 0 },
          { key: 'failure', title: 'failure', priority: 0 },
        ],
        rows.map(({ of, place, name, failure }, index) => ({
          id: String(index),
          cells: {
            state: failure === null ? stateCell('ok', 'good') : stateCell('failed', 'bad'),
            of: textCell(of),
            place: textCell(place),
            name: textCell(name),
            failure: failure === null ? noCell : textCell(failure),
          },
        })),
        'nothing was checked',
      ),
      detailView('Summary', [['summary', 'Summary', textCell(summary)]]),
    ]),
    ...(report.ok
      ? {}
      : {
          failure: {
            code: 'PLUGIN_FAILED' as const,
            message: `${failed.length} of ${rows.length} checks of ${report.plugin} failed`,
            remedy: 'correct what is named above',
          },
        }),
  };
};
