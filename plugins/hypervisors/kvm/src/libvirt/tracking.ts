import type { Call } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import { parseXml } from '../domain/xml.ts';
import { trackingPrefix } from '../live/names.ts';
import type { FoundDomain } from './inventory.ts';
import { runScript } from './script.ts';
import type { Virsh } from './virsh.ts';
import { errorsIn } from './virsh.ts';

/**
 * What a change token says: the checkpoint from which on changes are tracked, how large the disk was, and which image it had. The bitmaps of a
 * checkpoint have one name in all images: without the last, images that change places would be believed.
 */
export interface ChangeToken {
  readonly checkpoint: string;
  readonly sizeBytes: number;
  readonly image: string;
}

export const tokenText = ({ checkpoint, sizeBytes, image }: ChangeToken): string =>
  `${checkpoint}/${sizeBytes}/${image}`;

/** Reads a token; `null` for what is none of ours. */
export function readToken(text: string): ChangeToken | null {
  const [, checkpoint, size, image] = /^(holdfast-[A-Za-z0-9_.-]{1,240})\/(\d{1,15})\/([0-9a-f]{16})$/.exec(text) ?? [];
  return checkpoint === undefined || image === undefined ? null : { checkpoint, sizeBytes: Number(size), image };
}

/** A checkpoint of a machine as libvirt has it. */
export interface FoundCheckpoint {
  readonly name: string;
  /** Disks that it tracks, and whether QEMU still has what it needs of each. */
  readonly disks: ReadonlyMap<string, boolean>;
}

/** Which checkpoint changes are asked from, and why not from the others. */
export interface Since {
  readonly checkpoint: FoundCheckpoint | null;
  /** It and all newer ones that were asked for, oldest first. */
  readonly whole: readonly FoundCheckpoint[];
  /** Why a checkpoint that was asked for is not it, by its name. */
  readonly lost: Readonly<Record<string, string>>;
}

const mostChecked = 32;

/** All checkpoints of a machine, each after the ones that it continues. Their times are no order: clocks are set back, and go by whole seconds. */
export async function checkpointNames(virsh: Virsh, uuid: string, call?: Call): Promise<readonly string[]> {
  const done = await virsh.attempt(
    ['checkpoint-list', uuid, '--name', '--topological'],
    call === undefined ? {} : { signal: call.signal },
  );
  if (done.exitCode !== 0) throw virsh.failure(done, 'checkpoint-list');
  return done.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Chooses the oldest of the checkpoints asked for that is whole: what is newer than it is told of as well. */
export async function chooseSince(
  virsh: Virsh,
  uuid: string,
  tokens: readonly string[],
  isRunning: boolean,
  call: Call,
): Promise<Since> {
  const asked = [...new Set(tokens.flatMap((text) => readToken(text)?.checkpoint ?? []))].slice(-mostChecked);
  if (asked.length === 0) return { checkpoint: null, whole: [], lost: {} };
  const there = await checkpointNames(virsh, uuid, call);
  const lost: Record<string, string> = {};
  for (const name of asked)
    if (!there.includes(name)) lost[name] = 'its checkpoint was deleted, or the machine was defined anew';
  const present = there.filter((name) => asked.includes(name));
  const answers = await virsh.batch(
    present.map((name) => ['checkpoint-dumpxml', uuid, name, '--no-domain', ...(isRunning ? ['--size'] : [])]),
    { signal: call.signal },
  );
  const whole: FoundCheckpoint[] = [];
  for (const [index, name] of present.entries()) {
    const found = readCheckpoint(answers[index] ?? '', name, isRunning);
    if (found === null) lost[name] = 'libvirt does not tell what its checkpoint tracks';
    else if ([...found.disks.values()].some(Boolean)) whole.push(found);
    else lost[name] = 'its bitmap is missing or was not saved: QEMU was killed, or it was removed by hand';
  }
  return { checkpoint: whole[0] ?? null, whole, lost };
}

/** Checkpoints since which the changes of a disk are told by the one that was chosen. */
export const coveredBy = ({ whole }: Since, key: string): readonly string[] =>
  whole.filter((one) => one.disks.get(key) === true).map((one) => one.name);

/** Reads a checkpoint. With sizes: a disk without one has lost its bitmap. */
export function readCheckpoint(text: string, name: string, withSizes: boolean): FoundCheckpoint | null {
  try {
    const root = parseXml(text.trim());
    const child = (key: string) => root.children.find((one) => one.name === key);
    if (root.name !== 'domaincheckpoint' || child('name')?.text !== name) return null;
    const disks = new Map<string, boolean>();
    for (const disk of child('disks')?.children ?? []) {
      const key = disk.attributes.get('name');
      if (key === undefined || disk.attributes.get('checkpoint') !== 'bitmap') continue;
      disks.set(key, !withSizes || disk.attributes.has('size'));
    }
    return { name, disks };
  } catch (thrown) {
    if (isHoldfastError(thrown, 'CONFIG_INVALID')) return null;
    throw thrown;
  }
}

/** Ends what a checkpoint tracks. What QEMU cannot end any more is ended in libvirt's own notes, and said. */
export async function deleteCheckpoint(
  virsh: Virsh,
  found: { readonly uuid: string; readonly machine: FoundDomain | null },
  name: string,
  call: Call,
): Promise<void> {
  const { uuid, machine } = found;
  const done = await virsh.attempt(['checkpoint-delete', uuid, name]);
  if (done.exitCode === 0 || isGone(done.stderr)) return;
  const isOff = /inactive domain/.test(done.stderr);
  if (!isOff && !/not found in backing chain|missing or broken bitmap|bitmap/i.test(done.stderr))
    throw virsh.failure(done, 'checkpoint-delete');
  if (isOff) await removeBitmaps(virsh, machine, name, call);
  const forgotten = await virsh.attempt(['checkpoint-delete', uuid, name, '--metadata']);
  if (forgotten.exitCode !== 0 && !isGone(forgotten.stderr)) throw virsh.failure(forgotten, 'checkpoint-delete');
  if (!isOff) call.log('info', `forgot the checkpoint ${name}: ${errorsIn(done.stderr)}`);
}

/** Ends all checkpoints of a site but some. */
export async function retainCheckpoints(
  virsh: Virsh,
  uuid: string,
  machine: FoundDomain | null,
  keep: { readonly site: string; readonly tokens: readonly string[] },
  call: Call,
): Promise<void> {
  const kept = new Set(keep.tokens.flatMap((text) => readToken(text)?.checkpoint ?? []));
  const prefix = trackingPrefix(keep.site);
  for (const name of await checkpointNames(virsh, uuid, call)) {
    if (name.startsWith(prefix) && !kept.has(name)) await deleteCheckpoint(virsh, { uuid, machine }, name, call);
  }
}

/** The images of a machine that is off are locked by whoever has them open, so nothing is taken away from under a QEMU. */
async function removeBitmaps(virsh: Virsh, machine: FoundDomain | null, name: string, call: Call): Promise<void> {
  for (const { path, driver } of machine?.images ?? []) {
    if (driver !== 'qcow2') continue;
    const done = await runScript(virsh.host, 'exec qemu-img bitmap --remove -f qcow2 -- "$1" "$2"', [path, name]);
    if (done.exitCode !== 0 && !/not found|Bitmap .* does(n't| not) exist/i.test(done.stderr))
      call.log('warn', `the bitmap ${name} stays in ${path}: ${errorsIn(done.stderr)}`);
  }
}

const isGone = (stderr: string): boolean =>
  /no domain checkpoint with matching name|failed to get domain|Domain not found/i.test(stderr);
