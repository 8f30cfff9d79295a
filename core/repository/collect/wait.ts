import { setTimeout as pause } from 'node:timers/promises';
import { cancelled, throwIfCancelled } from '@holdfast/api';
import { DEFAULT_SILENT_AFTER_MS } from '../leases/lease.ts';
import type { AwaitedLease } from './contract.ts';
import { fence, type LeaseLook, type OpenLease } from './lease-watch.ts';
import { readLeases } from './look-at-leases.ts';
import type { Epoch } from './tombstones.ts';
import type { CollectWork } from './work.ts';

const LEAST_PAUSE_MS = 20;
const MOST_PAUSE_MS = 5000;

/**
 * Looks at all leases and settles what can be settled: who has been silent for too long is fenced, or whose process is gone for certain, and so is a
 * writer that has ended without having committed, for a commit of its may still be on its way to the store.
 */
export async function settleLeases(work: CollectWork): Promise<LeaseLook> {
  const { documents, watch, terms, sums, lease, call } = work;
  const look = await watch.look(lease.id, call);
  const undecided = [...look.all.values()].filter((seen) => seen.hasEnded && !seen.isDecided);
  const documentsOf = await readLeases(documents, undecided, call);
  let isChanged = false;
  for (const seen of undecided) {
    // Of one that cannot be read nobody knows that it never commits.
    const purpose = documentsOf.get(seen.lease)?.purpose;
    if (purpose === 'read' || purpose === 'collect') continue;
    await fence(documents, seen.lease, terms.now(), call);
    isChanged = true;
  }
  for (const { seen, isSilent, isGone } of look.open.values()) {
    if (!isSilent && !isGone) continue;
    const there = await fence(documents, seen.lease, terms.now(), call);
    if (there.state === 'fenced') sums.fenced.add(seen.lease);
    isChanged = true;
  }
  await watch.keep();
  return isChanged ? watch.look(lease.id, call) : look;
}

/** Whether nobody is left of those who had begun before something was condemned. */
export function isReady({ awaited }: Epoch, look: LeaseLook): boolean {
  return awaited.every((lease) => !look.open.has(lease));
}

/** Waits until nobody is left that any of the epochs waits for, but no longer than this. Answers the last look. */
export async function waitForLeases(work: CollectWork, epochs: readonly Epoch[], waitMs: number): Promise<LeaseLook> {
  const { call } = work;
  const began = performance.now();
  for (;;) {
    throwIfCancelled(call.signal, 'the collection');
    const look = await settleLeases(work);
    const awaited = new Set(epochs.flatMap((epoch) => epoch.awaited));
    const open = [...look.open.values()].filter(({ seen }) => awaited.has(seen.lease));
    work.sums.awaited = open.map(toldOf);
    const leftMs = waitMs - (performance.now() - began);
    if (open.length === 0 || leftMs <= 0) return look;
    call.progress({ phase: `waiting for ${open.length} that had begun before`, etaMs: Math.ceil(leftMs) });
    const patience = Math.min(...open.map(({ document }) => document?.silentAfterMs ?? DEFAULT_SILENT_AFTER_MS));
    const pauseMs = Math.min(leftMs, Math.max(LEAST_PAUSE_MS, Math.min(MOST_PAUSE_MS, patience / 6)));
    await pause(pauseMs, undefined, { signal: call.signal }).catch(() => {
      throw cancelled('the collection');
    });
  }
}

/** What a report says of a lease. */
export function toldOf({ seen, document, aliveAt }: OpenLease): AwaitedLease {
  return {
    lease: seen.lease,
    purpose: document?.purpose ?? 'backup',
    host: document?.host ?? '',
    pid: document?.pid ?? 0,
    aliveAt,
  };
}
