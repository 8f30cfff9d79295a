import type { Activate } from '@holdfast/api';
import { openFleet } from './fleet.ts';
import { stumbleStep } from './stumble.ts';

export const activate: Activate = (context) => {
  context.registerHypervisor('fleet', openFleet);
  context.registerStep('stumble', stumbleStep);
};
