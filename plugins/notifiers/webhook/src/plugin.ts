import type { Activate } from '@holdfast/api';
import { openWebhook } from './open.ts';

export const activate: Activate = (context) => {
  context.registerNotifier('webhook', openWebhook);
};
