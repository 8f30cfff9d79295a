import type { Call } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import type { ClaimedRun } from '../../catalog/contract.ts';
import { Handouts } from '../endpoints/handouts.ts';
import { openMedia } from '../endpoints/media.ts';
import { dedupeRules } from '../repositories/dedupe.ts';
import type { RunContext } from './context.ts';
import { Heartbeat } from './heartbeat.ts';
import { Journal } from './journal.ts';
import { Meter } from './meter.ts';
import { Mover } from './mover.ts';
import type { EngineParts } from './parts.ts';
import { RunRepositories } from './repositories.ts';
import { RunSlots } from './slots.ts';

/** Sets up everything that belongs to a claimed run; the heartbeat beats from here on until it is stopped. */
export function openContext(parts: EngineParts, claimed: ClaimedRun, call: Call): RunContext {
  const { catalog, timing, now, config, holder, zone } = parts;
  const { run } = claimed;
  const journal = new Journal(catalog.jobs, run.id, now, (level, message) => call.log(level, message));
  const heartbeat = new Heartbeat(catalog, claimed.lease, timing, now, () => journal.flush());
  const meter = new Meter(now, (progress) => {
    heartbeat.show(progress);
    call.progress(progress);
  });
  const handouts = new Handouts();
  const open = (target: string, opening: Call) => parts.openRepository(target, opening);
  const dedupe = (target: string) => dedupeRules(target, config.config.targets[target], zone).mode;
  const repositories = new RunRepositories(catalog, open, run, heartbeat, journal, handouts, now, dedupe);
  const quietCall = makeCall({ who: run.who, log: (level, message) => journal.log(level, message) });
  return {
    run,
    who: run.who,
    catalog,
    host: parts.host,
    endpoints: parts.endpoints,
    timing,
    now,
    heartbeat,
    journal,
    meter,
    handouts,
    repositories,
    quietCall,
    slots: new RunSlots(catalog, config.config.slots, holder, timing, now, heartbeat, run.policy !== null),
    mover: new Mover(repositories, handouts, meter),
    openMedia: (target, opening) => openMedia(parts, target, opening),
  };
}
