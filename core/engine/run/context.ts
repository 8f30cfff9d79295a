import type { Call, MediaLibrary } from '@holdfast/api';
import type { Catalog, RunRecord } from '../../catalog/contract.ts';
import type { PluginHost } from '../../host/contract.ts';
import type { Timing } from '../deps.ts';
import type { Endpoints } from '../endpoints/endpoints.ts';
import type { Handouts } from '../endpoints/handouts.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { Journal } from './journal.ts';
import type { Meter } from './meter.ts';
import type { Mover } from './mover.ts';
import type { RunRepositories } from './repositories.ts';
import type { RunSlots } from './slots.ts';

/** All that belongs to one run while a process works on it. */
export interface RunContext {
  readonly run: RunRecord;
  readonly who: string;
  readonly catalog: Catalog;
  readonly host: PluginHost;
  readonly endpoints: Endpoints;
  readonly timing: Timing;
  readonly now: () => number;
  readonly heartbeat: Heartbeat;
  readonly journal: Journal;
  readonly meter: Meter;
  readonly slots: RunSlots;
  readonly handouts: Handouts;
  readonly repositories: RunRepositories;
  readonly mover: Mover;
  /** A call in the name of this run, for the engine's own acts: it logs to the journal and never aborts. */
  readonly quietCall: Call;
  openMedia(target: string, call: Call): Promise<MediaLibrary>;
}
