import type { Activate } from '@holdfast/api';
import { snapshotStep } from './snapshot-step.ts';

export const activate: Activate = (context) => {
  context.registerStep('snapshot', snapshotStep);
};
