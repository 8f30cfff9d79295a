import { join } from 'node:path';
import type { CommandHandler } from '@holdfast/api';
import { listMachines } from '../machine-folder.ts';
import { folderOf } from './arguments.ts';
import { bytes, count, text } from './views.ts';

/** `lab.list` */
export function listCommand(ownFolder: string): CommandHandler {
  return async (args) => {
    const folder = folderOf(args, ownFolder);
    const machines = await listMachines(folder);
    return {
      data: machines.map(({ name, folder: own, mark }) => ({ name, ...mark, disk: join(own, mark.disk) })),
      view: {
        kind: 'table',
        title: `lab machines in ${folder}`,
        columns: [
          { key: 'name', title: 'name', priority: 0 },
          { key: 'data', title: 'data', align: 'right' },
          { key: 'files', title: 'files', align: 'right' },
          { key: 'fileSystem', title: 'file system' },
          { key: 'format', title: 'format' },
          { key: 'changes', title: 'changed', align: 'right' },
        ],
        rows: machines.map(({ name, mark }) => ({
          id: name,
          cells: {
            name: text(name),
            data: bytes(mark.dataBytes),
            files: count(mark.files),
            fileSystem: text(mark.fileSystem),
            format: text(mark.diskFormat),
            changes: count(mark.changes),
          },
        })),
        empty: 'no lab machine yet: `holdfast lab make` makes one from files of this system',
      },
    };
  };
}
