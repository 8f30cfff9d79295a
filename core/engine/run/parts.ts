import type { EngineDeps, Timing } from '../deps.ts';
import type { Endpoints } from '../endpoints/endpoints.ts';

/** What all parts of the engine share. */
export interface EngineParts extends Omit<EngineDeps, 'timing' | 'zone'> {
  readonly timing: Timing;
  readonly zone: string;
  readonly endpoints: Endpoints;
}
