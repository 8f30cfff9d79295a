import type { Call } from '@holdfast/api';
import type { Engine } from '../contract.ts';

/** What of the engine schedules need. */
export type RunningEngine = Pick<Engine, 'compose' | 'execute' | 'retry' | 'listMachines'> & {
  /** Ends runs of processes that died, and takes back what they began: else their machines would seem busy for ever. Never throws but `CANCELLED`. */
  sweep(call: Call): Promise<void>;
  /** Forgets records of runs of long ago: where only a timer runs nobody else does. */
  forgetOldRuns(): Promise<unknown>;
};
