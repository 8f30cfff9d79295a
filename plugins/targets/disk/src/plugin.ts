import type { Activate } from '@holdfast/api';
import { openDiskTarget } from './open.ts';

export const activate: Activate = (context) => {
  context.registerObjectStore('disk', (opening, call) => openDiskTarget(opening, call));
};
