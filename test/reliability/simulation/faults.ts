import { HoldfastError } from '@holdfast/api';
import type { Dice } from './dice.ts';

export type FaultKind =
  /** The store fails and has done nothing. */
  | 'eio'
  | 'full'
  | 'unreachable'
  /** The store has done it, and says that it failed. */
  | 'failed after success'
  /** The store says that it failed, and does it later. */
  | 'failed, lands later'
  /** The answer takes longer than a lease lives. */
  | 'slow'
  /** A read that breaks off in the middle. */
  | 'broken off'
  | 'stale handle'
  | 'host killed'
  | 'power cut'
  | 'host stopped past its lease'
  | 'host stopped'
  | 'clock jumped'
  | 'call cancelled'
  | 'put in flight lost'
  | 'put in flight landed'
  | 'cache of yesterday'
  | 'cache lost';

/** How often what goes wrong, as shares of operations. */
export interface FaultRates {
  readonly put: number;
  readonly get: number;
  readonly list: number;
  readonly remove: number;
  readonly slow: number;
}

export const NO_FAULTS: FaultRates = { put: 0, get: 0, list: 0, remove: 0, slow: 0 };

/** Some seeds have quiet worlds, so that they get far; others hardly get anything done. */
export function chooseRates(dice: Dice, isHarsh: boolean): FaultRates {
  const scale = dice.pick(isHarsh ? [0.02, 0.05, 0.1] : [0, 0.004, 0.015, 0.05]);
  return { put: scale, get: scale / 2, list: scale / 2, remove: scale * 2, slow: dice.pick([0, 0.002, 0.01]) };
}

export function faultOf(kind: FaultKind, what: string): HoldfastError {
  if (kind === 'full') return new HoldfastError('TARGET_FULL', `no room left for ${what}`);
  if (kind === 'unreachable') return new HoldfastError('TARGET_UNREACHABLE', `the store did not answer for ${what}`);
  return new HoldfastError('TARGET_IO', `input/output error at ${what}`);
}

const CODES = [
  'TARGET_IO',
  'TARGET_FULL',
  'TARGET_UNREACHABLE',
  'CANCELLED',
  'LEASE_LOST',
  'COLLECTION_BUSY',
  'WORKER_LOST',
];

/** Whether a failure is one that the faults of this world explain. */
export function isExplained(code: string): boolean {
  return CODES.includes(code);
}
