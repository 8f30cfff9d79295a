import { rm } from 'node:fs/promises';
import type { CommandHandler } from '@holdfast/api';
import { findMachine } from '../machine-folder.ts';
import { folderOf, isSet, textOf } from './arguments.ts';
import { bytes, detail, text } from './views.ts';

/** `lab.remove`: removes what carries the mark of a lab machine, and nothing else. */
export function removeCommand(ownFolder: string): CommandHandler {
  return async (args) => {
    const { name, folder, mark } = await findMachine(folderOf(args, ownFolder), textOf(args, 'name', 'lab'));
    const dryRun = isSet(args, 'dryRun');
    if (!dryRun) await rm(folder, { recursive: true });
    return {
      data: dryRun ? { dryRun, name, folder } : { name, folder, removed: true },
      view: detail(dryRun ? `Would remove ${name}` : `removed ${name}`, [
        ['folder', 'folder', text(folder)],
        ['dataBytes', 'data', bytes(mark.dataBytes)],
      ]),
    };
  };
}
