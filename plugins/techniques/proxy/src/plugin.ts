import type { Activate } from '@holdfast/api';
import { proxyStep } from './protect/proxy-step.ts';
import { restoreStep } from './restore/restore-step.ts';

export const activate: Activate = (context) => {
  context.registerStep('proxy', proxyStep);
  context.registerStep('restore', restoreStep);
};
