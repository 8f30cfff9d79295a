import type { Engine } from '../contract.ts';

/** What of the engine schedules need. */
export type RunningEngine = Pick<Engine, 'compose' | 'execute' | 'retry' | 'listMachines'>;
