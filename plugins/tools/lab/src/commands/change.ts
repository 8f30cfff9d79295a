import type { CommandHandler } from '@holdfast/api';
import { changeMachine } from '../change-machine.ts';
import { findMachine } from '../machine-folder.ts';
import { folderOf, isSet, numberOf, textOf } from './arguments.ts';
import { bytes, count, detail } from './views.ts';

/** `lab.change` */
export function changeCommand(ownFolder: string): CommandHandler {
  return async (args, call) => {
    const machine = await findMachine(folderOf(args, ownFolder), textOf(args, 'name', 'lab'));
    const percent = numberOf(args, 'percent', 2);
    const seed = numberOf(args, 'seed', machine.mark.changes + 1);
    if (isSet(args, 'dryRun')) {
      const about = Math.round((machine.mark.dataBytes * percent) / 100);
      return {
        data: { dryRun: true, name: machine.name, percent, seed, changedBytes: about },
        view: detail(`Would change ${machine.name}`, [['changedBytes', 'about', bytes(about)]]),
      };
    }
    const changed = await changeMachine(machine, percent, seed, call);
    return {
      data: { name: machine.name, percent, seed, ...changed },
      view: detail(`changed ${machine.name}`, [
        ['dataBytes', 'data in files', bytes(changed.dataBytes)],
        ['changedBytes', 'changed', bytes(changed.changedBytes)],
        ['changedExtents', 'places', count(changed.changedExtents)],
        ['changedFiles', 'files', count(changed.changedFiles)],
      ]),
    };
  };
}
