import { join } from 'node:path';
import type { Activate } from '@holdfast/api';
import { changeCommand } from './commands/change.ts';
import { compareCommand } from './commands/compare.ts';
import { listCommand } from './commands/list.ts';
import { makeCommand } from './commands/make.ts';
import { removeCommand } from './commands/remove.ts';

export const activate: Activate = (context) => {
  const ownFolder = join(context.dataFolder, 'machines');
  context.registerCommand('lab.make', makeCommand(ownFolder));
  context.registerCommand('lab.change', changeCommand(ownFolder));
  context.registerCommand('lab.list', listCommand(ownFolder));
  context.registerCommand('lab.compare', compareCommand);
  context.registerCommand('lab.remove', removeCommand(ownFolder));
};
