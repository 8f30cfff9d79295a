import { randomBytes } from 'node:crypto';
import { rmdir, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Call, CheckItem, ObjectStore, StoreFacts } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import type { Publisher } from './publish.ts';

const racers = 8;

/** Tries what a repository will ask of the store, under names that begin with `probe/`, and removes it all again. */
export async function probeStore(
  store: ObjectStore,
  root: string,
  publisher: Publisher,
  call: Call,
): Promise<StoreFacts> {
  const prefix = `probe/${randomBytes(8).toString('hex')}`;
  const items: CheckItem[] = [];
  const names = [`${prefix}-race`, `${prefix}-range`];
  try {
    const winners = await race(store, `${prefix}-race`, call);
    const links = publisher.links === true;
    items.push(raceItem(winners, links));
    const body = Uint8Array.from(randomBytes(4096));
    await store.put(`${prefix}-range`, body, { ifAbsent: true }, call);
    const part = await collect(store, `${prefix}-range`, { offset: 1000, length: 500 }, call);
    const rangedGet = Buffer.compare(part, body.subarray(1000, 1500)) === 0;
    items.push(
      item('reads a range of an object', rangedGet, 'got the bytes that were put', 'got other bytes than were put'),
    );
    const seen: string[] = [];
    for await (const object of store.list(prefix, call)) seen.push(object.name);
    const consistentList = names.every((name) => seen.includes(name));
    items.push(item('lists what was put', consistentList, 'at once', 'an object that was put is not listed'));
    const { freeBytes, totalBytes } = await room(root);
    items.push(roomItem(freeBytes, totalBytes));
    const conditionalPut = links && winners === 1;
    return { conditionalPut, lockUntil: false, rangedGet, consistentList, freeBytes, totalBytes, items };
  } finally {
    // Not through the store, which may have been told to remove nothing.
    for (const name of names) await unlink(join(root, name)).catch(() => {});
    await rmdir(join(root, 'probe')).catch(() => {});
  }
}

/** Several writers of one name at once. Answers how many were told that they had won. */
async function race(store: ObjectStore, name: string, call: Call): Promise<number> {
  const tries = Array.from({ length: racers }, (_, racer) =>
    store.put(name, Uint8Array.of(racer), { ifAbsent: true }, call),
  );
  const outcomes = await Promise.allSettled(tries);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected' && !isHoldfastError(outcome.reason, 'OBJECT_EXISTS')) throw outcome.reason;
  }
  return outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
}

function raceItem(winners: number, links: boolean): CheckItem {
  const title = 'of several writers of one name exactly one wins';
  if (winners !== 1)
    return { title, state: 'failed', detail: `${winners} of ${racers} won`, remedy: 'use another file system' };
  if (links) return { title, state: 'ok', detail: `1 of ${racers} won, decided by hard links` };
  return {
    title,
    state: 'warning',
    detail:
      'the file system has no hard links: Holdfast keeps writers of this host apart, but not those of other hosts',
    remedy: 'use this target from one host only, or choose a file system with hard links',
  };
}

async function room(root: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
  const facts = await statfs(root);
  return { freeBytes: facts.bavail * facts.bsize, totalBytes: facts.blocks * facts.bsize };
}

function roomItem(freeBytes: number, totalBytes: number): CheckItem {
  const title = 'has room';
  const detail = `${inGigabytes(freeBytes)} of ${inGigabytes(totalBytes)} free`;
  if (freeBytes >= 1e9) return { title, state: 'ok', detail };
  return { title, state: 'warning', detail, remedy: 'free space before the next run' };
}

const inGigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function item(title: string, ok: boolean, good: string, bad: string): CheckItem {
  if (ok) return { title, state: 'ok', detail: good };
  return { title, state: 'failed', detail: bad, remedy: 'use another file system' };
}

async function collect(
  store: ObjectStore,
  name: string,
  range: { readonly offset: number; readonly length: number },
  call: Call,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of store.get(name, range, call)) pieces.push(piece);
  return Buffer.concat(pieces);
}
