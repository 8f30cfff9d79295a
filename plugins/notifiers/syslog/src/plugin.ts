import type { Activate } from '@holdfast/api';
import { openSyslog } from './open.ts';

export const activate: Activate = (context) => {
  context.registerNotifier('syslog', openSyslog);
};
