import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Call, Snapshot, SnapshotWish } from '@holdfast/api';
import { HoldfastError, throwIfCancelled } from '@holdfast/api';
import { imagesInUse } from './images.ts';
import type { DomainImage, FoundDomain } from './inventory.ts';
import type { ExportedDisk, Mark, Marked } from './marks.ts';
import { writeMark } from './marks.ts';
import { serveImage } from './nbd-server.ts';
import type { Parts } from './parts.ts';
import { releaseMarked } from './release.ts';
import { runScript } from './script.ts';
import type { Since } from './tracking.ts';
import { chooseSince, coveredBy } from './tracking.ts';

const mostInfoBytes = 4 * 1024 * 1024;

/** The state of a machine that is off: each image is served read-only and locked, so that the machine cannot be started and change it. */
export async function snapshotOff(
  parts: Parts,
  found: FoundDomain,
  want: SnapshotWish,
  call: Call,
): Promise<{ readonly marked: Marked; readonly snapshot: Snapshot }> {
  const { machine, images } = found;
  if (want.quiesce !== 'none')
    throw new HoldfastError(
      'QUIESCE_UNAVAILABLE',
      `${machine.name} is switched off: nothing runs that could be quiesced`,
      {
        remedy: 'ask for `quiesce: none`; a machine that was shut down has flushed everything by itself',
        facts: { machine: machine.id },
      },
    );
  const { virsh } = parts;
  const since = await chooseSince(virsh, machine.id, found.isPersistent ? (want.since ?? []) : [], false, call);
  const inUse = await imagesInUse(virsh, found, call);
  const id = `off-${randomBytes(16).toString('hex')}`;
  const folder = parts.places.workFolder(dirname(images[0]?.path ?? '/'));
  const disks = await Promise.all(images.map((image) => diskOf(parts, image, since, inUse.get(image.key))));
  const base = {
    format: 'holdfast-owner',
    version: 1,
    kind: 'export',
    how: 'off',
    socket: null,
    folder: null,
    files: [],
  } as const;
  const mark: Mark = {
    ...base,
    id,
    title: `export of ${machine.name}`,
    owner: want.owner,
    machine: machine.id,
    checkpoint: null,
    disks,
  };
  const marked = { folder, mark };
  await writeMark(virsh.host, folder, mark);
  try {
    for (const [index, image] of images.entries()) {
      throwIfCancelled(call.signal, 'taking a snapshot');
      const disk = disks[index];
      if (disk?.socket == null) continue;
      await serveImage(virsh.host, {
        ...image,
        socket: disk.socket,
        bitmap: disk.since,
        isWritten: false,
        pidFile: join(folder, `${id}-${index}.pid`),
      });
    }
    throwIfCancelled(call.signal, 'taking a snapshot');
    const taken = disks.map(({ key, sizeBytes, token }) => ({ key, sizeBytes, changeToken: token }));
    return {
      marked,
      snapshot: { id, machine: machine.id, takenAt: parts.now(), consistency: 'crash', frozenMs: 0, disks: taken },
    };
  } catch (thrown) {
    await releaseMarked(parts, marked).catch(() => call.log('warn', `${mark.title} is left for the janitor`));
    throw thrown;
  }
}

async function diskOf(
  parts: Parts,
  image: DomainImage,
  since: Since,
  inUse: string | undefined,
): Promise<ExportedDisk> {
  const socket = await parts.places.ownSocket();
  const bitmaps =
    image.driver === 'qcow2'
      ? await bitmapsOf(parts, image.path)
      : { whole: new Set<string>(), doubled: new Set<string>() };
  const name = since.checkpoint?.disks.has(image.key) === true ? since.checkpoint.name : null;
  const lost: Record<string, string> = { ...since.lost };
  if (image.driver !== 'qcow2') lost[''] = `disk ${image.key} is ${image.driver}: only qcow2 tracks changes`;
  else if (name !== null && bitmaps.doubled.has(name))
    lost[name] = 'its bitmap lies in several images of a chain, which only a running QEMU puts together';
  else if (name !== null && !bitmaps.whole.has(name))
    lost[name] = 'its bitmap was not saved: QEMU was killed, or it was removed by hand';
  else if (since.checkpoint !== null && name === null)
    lost[since.checkpoint.name] = `disk ${image.key} was added since`;
  const usable = name !== null && bitmaps.whole.has(name) && !bitmaps.doubled.has(name) ? name : null;
  const context = usable === null ? null : `qemu:dirty-bitmap:${usable}`;
  return {
    key: image.key,
    sizeBytes: image.sizeBytes,
    context,
    since: usable,
    covers: usable === null ? [] : coveredBy(since, image.key),
    // No bitmap begins here. One that began before says nothing of an older copy of the image that is put back later.
    token: null,
    ...(inUse === undefined ? {} : { image: inUse }),
    lost,
    socket,
  };
}

/** Bitmaps of an image that were saved, and those that its backing images have as well. */
async function bitmapsOf(
  { virsh }: Parts,
  path: string,
): Promise<{ readonly whole: ReadonlySet<string>; readonly doubled: ReadonlySet<string> }> {
  const done = await runScript(
    virsh.host,
    'exec qemu-img info -U --output=json --backing-chain -f qcow2 -- "$1"',
    [path],
    { maxBytes: mostInfoBytes },
  );
  const [top = new Set<string>(), ...below] = done.exitCode === 0 ? readBitmaps(done.stdout) : [];
  return { whole: top, doubled: new Set(below.flatMap((names) => [...names])) };
}

/** Names of bitmaps of each image of a chain that are whole: `in-use` is the flag of one that was never saved. */
export function readBitmaps(json: string): readonly ReadonlySet<string>[] {
  let images: unknown;
  try {
    images = JSON.parse(json);
  } catch {
    return [];
  }
  return (Array.isArray(images) ? images : []).map((image: unknown) => {
    const bitmaps = member(member(member(image, 'format-specific'), 'data'), 'bitmaps');
    const names = new Set<string>();
    for (const bitmap of Array.isArray(bitmaps) ? bitmaps : []) {
      const flags = member(bitmap, 'flags');
      const name = member(bitmap, 'name');
      if (typeof name === 'string' && Array.isArray(flags) && !flags.includes('in-use')) names.add(name);
    }
    return names;
  });
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
