import type { ShellHandler } from '../../contract.ts';
import { tableView, textCell } from '../../view/build.ts';
import { secretsOf } from './store.ts';

export const run: ShellHandler = async (site) => {
  const store = await (await secretsOf(site)).sealed();
  const names = await store.list();
  return {
    data: { names, file: store.file },
    view: tableView(
      'Sealed secrets',
      [
        { key: 'name', title: 'name', priority: 0 },
        { key: 'reference', title: 'reference' },
      ],
      names.map((name) => ({ id: name, cells: { name: textCell(name), reference: textCell(`sealed:${name}`) } })),
      'nothing is sealed: `holdfast config secret set NAME`',
    ),
  };
};
