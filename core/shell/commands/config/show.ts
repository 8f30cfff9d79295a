import { configRows } from '../../../config/inspect.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet } from '../../registry/argument-values.ts';
import { plainData, stackView, stateCell, tableView, textCell } from '../../view/build.ts';

const wording = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

export const run: ShellHandler = async (site, args) => {
  const loaded = await site.config();
  const rows = configRows(loaded);
  const withOrigin = isSet(args, 'origin');
  const columns = [
    { key: 'key', title: 'key', priority: 0 },
    { key: 'value', title: 'value', priority: 0 },
    ...(withOrigin
      ? [
          { key: 'layer', title: 'layer' },
          { key: 'place', title: 'set in' },
        ]
      : []),
  ];
  const table = tableView(
    'Configuration',
    columns,
    rows.map(({ key, value, origin }) => ({
      id: key,
      cells: {
        key: textCell(key),
        value: textCell(wording(value)),
        layer: textCell(origin.layer),
        place: textCell(origin.line === undefined ? origin.place : `${origin.place}:${origin.line}`),
      },
    })),
    'nothing is configured: `holdfast init --target main --path FOLDER`',
  );
  const untrusted = tableView(
    'Not in effect',
    [
      { key: 'file', title: 'file' },
      { key: 'why', title: 'why' },
    ],
    loaded.untrusted.map((file) => ({
      id: file,
      cells: { file: textCell(file), why: stateCell('not trusted: read it, then `holdfast config trust`', 'risk') },
    })),
    'nothing',
  );
  return {
    data: {
      config: plainData(loaded.config),
      files: loaded.files,
      untrusted: loaded.untrusted,
      ...(withOrigin ? { origins: plainData(Object.fromEntries(loaded.origins)) } : {}),
    },
    view: loaded.untrusted.length === 0 ? table : stackView('', [table, untrusted]),
  };
};
