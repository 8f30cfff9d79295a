import type { Activate } from '@holdfast/api';
import { openCommand } from './open.ts';

export const activate: Activate = (context) => {
  context.registerNotifier('command', openCommand);
};
