import { rm } from 'node:fs/promises';
import type { CommandHandler } from '@holdfast/api';
import { findMachine } from '../machine-folder.ts';
import { folderOf, textOf } from './arguments.ts';
import { detail, text } from './views.ts';

/** `lab.remove`: removes what carries the mark of a lab machine, and nothing else. */
export function removeCommand(ownFolder: string): CommandHandler {
  return async (args) => {
    const machine = await findMachine(folderOf(args, ownFolder), textOf(args, 'name', 'lab'));
    await rm(machine.folder, { recursive: true });
    return {
      data: { name: machine.name, folder: machine.folder, removed: true },
      view: detail(`removed ${machine.name}`, [['folder', 'folder', text(machine.folder)]]),
    };
  };
}
