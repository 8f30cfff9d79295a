import type { Activate } from '@holdfast/api';
import { openMail } from './open.ts';

export const activate: Activate = (context) => {
  context.registerNotifier('mail', openMail);
};
