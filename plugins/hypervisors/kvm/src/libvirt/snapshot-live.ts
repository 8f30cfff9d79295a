import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Call, Consistency, Snapshot, SnapshotWish } from '@holdfast/api';
import { HoldfastError, throwIfCancelled } from '@holdfast/api';
import { trackingName } from '../live/names.ts';
import { backupXml, checkpointXml, exportContext } from './backup-xml.ts';
import { begin, prepareGuest } from './begin.ts';
import { imagesInUse } from './images.ts';
import type { DomainImage, FoundDomain } from './inventory.ts';
import type { ExportedDisk, Mark, Marked } from './marks.ts';
import { writeMark } from './marks.ts';
import type { Parts } from './parts.ts';
import { readJob } from './read.ts';
import { releaseMarked } from './release.ts';
import { mustScript } from './script.ts';
import type { Since } from './tracking.ts';
import { checkpointNames, chooseSince, coveredBy, deleteCheckpoint, tokenText } from './tracking.ts';
import type { Virsh } from './virsh.ts';

const usualLimitMs = 10_000;

/** Images that take no room until a guest overwrites something; made before the guest is frozen. Pairs of path and size. */
const scratchScript = `
umask 077
u=$1 x=$2 y=$3 b=$4 c=$5
shift 5
printf %s "$b" > "$x" && printf %s "$c" > "$y" || exit 1
while [ $# -gt 1 ]; do
  rm -f "$1" && qemu-img create -q -f qcow2 "$1" "$2" >/dev/null || exit 1
  [ "$(id -u)" = "$u" ] || [ "$(id -u)" != 0 ] || chown "$u" "$1" || exit 1
  shift 2
done
`;

/** A snapshot of a machine that runs: a backup that is pulled, and a checkpoint that tracks what changes from now on. */
export async function snapshotLive(
  parts: Parts,
  found: FoundDomain,
  want: SnapshotWish,
  call: Call,
): Promise<{ readonly marked: Marked; readonly snapshot: Snapshot }> {
  const { virsh } = parts;
  const { machine } = found;
  await refuseBusy(virsh, found);
  const limitMs = want.freezeLimitMs ?? usualLimitMs;
  const guest = want.quiesce === 'none' ? null : await prepareGuest(virsh, found, want.quiesce, limitMs, call);
  let frozenMs = 0;
  let since = await chooseSince(virsh, machine.id, found.isPersistent ? (want.since ?? []) : [], true, call);
  for (;;) {
    const plan = await planOf(parts, found, want, since, call);
    await writeMark(virsh.host, plan.marked.folder, plan.marked.mark);
    try {
      throwIfCancelled(call.signal, 'taking a snapshot');
      await prepare(parts, plan);
      throwIfCancelled(call.signal, 'taking a snapshot');
      const begun = await begin(virsh, found, plan.files, guest, limitMs, call);
      frozenMs += begun.frozenMs;
      if (begun.lostBitmap !== null && since.checkpoint !== null) {
        // What libvirt had just said of the bitmap is not so any more: all is read then, and the reason is kept.
        const lost = {
          ...since.lost,
          [since.checkpoint.name]: `QEMU does not have its bitmap any more: ${begun.lostBitmap}`,
        };
        since = { checkpoint: null, whole: [], lost };
        await undo(parts, plan.marked, found, false, call);
        continue;
      }
      const consistency: Consistency =
        guest === null ? 'crash' : want.quiesce === 'application' ? 'application' : 'filesystem';
      const disks = plan.marked.mark.disks.map(({ key, sizeBytes, token }) => ({ key, sizeBytes, changeToken: token }));
      const snapshot = {
        id: plan.marked.mark.id,
        machine: machine.id,
        takenAt: begun.takenAt(parts.now()),
        consistency,
        frozenMs,
        disks,
      };
      return { marked: plan.marked, snapshot };
    } catch (thrown) {
      await undo(parts, plan.marked, found, true, call);
      throw thrown;
    }
  }
}

interface SnapshotPlan {
  readonly marked: Marked;
  readonly files: { readonly backup: string; readonly checkpoint: string | null };
  readonly texts: { readonly backup: string; readonly checkpoint: string };
  readonly scratch: readonly { readonly path: string; readonly sizeBytes: number }[];
}

async function planOf(
  parts: Parts,
  found: FoundDomain,
  want: SnapshotWish,
  since: Since,
  call: Call,
): Promise<SnapshotPlan> {
  const { machine, images } = found;
  const id = `live-${randomBytes(16).toString('hex')}`;
  const folder = parts.places.workFolder(dirname(images[0]?.path ?? '/'));
  const socket = await parts.places.qemuSocket();
  const inUse = await imagesInUse(parts.virsh, found, call);
  const tracked = found.isPersistent ? images.filter((image) => image.driver === 'qcow2') : [];
  const checkpoint = tracked.length === 0 ? null : trackingName(want.owner);
  // An attempt of the same intent that died left it: nobody has its token.
  if (checkpoint !== null && (await checkpointNames(parts.virsh, machine.id)).includes(checkpoint))
    await deleteCheckpoint(parts.virsh, { uuid: machine.id, machine: found }, checkpoint, call);
  const disks = images.map((image): ExportedDisk => {
    const from =
      since.checkpoint?.disks.get(image.key) === true && tracked.includes(image) ? since.checkpoint.name : null;
    const of = inUse.get(image.key);
    const token =
      checkpoint !== null && of !== undefined && tracked.includes(image)
        ? tokenText({ checkpoint, sizeBytes: image.sizeBytes, image: of })
        : null;
    const lost = { ...since.lost, ...reasonFor(image, found, since) };
    return {
      key: image.key,
      sizeBytes: image.sizeBytes,
      context: from === null ? null : exportContext,
      since: from,
      covers: from === null ? [] : coveredBy(since, image.key),
      token,
      ...(of === undefined ? {} : { image: of }),
      lost,
      socket: null,
    };
  });
  const scratch = images.map(({ sizeBytes }, index) => ({ path: join(folder, `${id}-${index}.qcow2`), sizeBytes }));
  const others = machine.disks.map((disk) => disk.key).filter((key) => !images.some((image) => image.key === key));
  const backupDisks = disks.map((disk, index) => ({
    key: disk.key,
    scratch: scratch[index]?.path ?? '',
    since: disk.since,
  }));
  const notTracked = [...others, ...images.filter((image) => !tracked.includes(image)).map((image) => image.key)];
  const title = `export of ${machine.name}`;
  const base = { format: 'holdfast-owner', version: 1, kind: 'export', how: 'live', folder: null, files: [] } as const;
  const mark: Mark = { ...base, id, title, owner: want.owner, machine: machine.id, socket, checkpoint, disks };
  return {
    marked: { folder, mark },
    files: {
      backup: join(folder, `${id}-backup.xml`),
      checkpoint: checkpoint === null ? null : join(folder, `${id}-checkpoint.xml`),
    },
    texts: {
      backup: backupXml(socket, backupDisks, others),
      checkpoint:
        checkpoint === null
          ? ''
          : checkpointXml(
              checkpoint,
              tracked.map((image) => image.key),
              notTracked,
            ),
    },
    scratch,
  };
}

function reasonFor(image: DomainImage, found: FoundDomain, since: Since): Readonly<Record<string, string>> {
  const name = since.checkpoint?.name;
  if (image.driver !== 'qcow2') return { '': `disk ${image.key} is ${image.driver}: only qcow2 tracks changes` };
  if (!found.isPersistent)
    return { '': `${found.machine.name} is transient: libvirt tracks changes of defined machines only` };
  if (name !== undefined && since.checkpoint?.disks.get(image.key) !== true)
    return {
      [name]:
        since.checkpoint?.disks.has(image.key) === true
          ? 'its bitmap is missing or was not saved'
          : `disk ${image.key} was added since`,
    };
  return {};
}

async function prepare({ virsh, places }: Parts, { files, texts, scratch }: SnapshotPlan): Promise<void> {
  const { qemu } = await places.users();
  const pairs = scratch.flatMap(({ path, sizeBytes }) => [path, String(sizeBytes)]);
  const args = [String(qemu), files.backup, files.checkpoint ?? '/dev/null', texts.backup, texts.checkpoint, ...pairs];
  await mustScript(virsh.host, 'no scratch images can be made', scratchScript, args);
}

/** Takes back what was begun, the checkpoint too: nobody has its token. What fails here is the janitor's. */
async function undo(parts: Parts, marked: Marked, found: FoundDomain, isFinal: boolean, call: Call): Promise<void> {
  try {
    await releaseMarked(parts, marked);
    const { checkpoint, machine } = marked.mark;
    if (checkpoint !== null) await deleteCheckpoint(parts.virsh, { uuid: machine, machine: found }, checkpoint, call);
  } catch (thrown) {
    if (!isFinal) throw thrown;
    call.log(
      'warn',
      `${marked.mark.title} is left for the janitor: ${thrown instanceof Error ? thrown.message : 'unknown'}`,
    );
  }
}

/** libvirt would wait half a minute, and a backup of somebody else is not ours to end. */
async function refuseBusy(virsh: Virsh, { machine }: FoundDomain): Promise<void> {
  const job = readJob((await virsh.attempt(['domjobinfo', machine.id])).stdout);
  if (job === null) return;
  throw new HoldfastError('MACHINE_BUSY', `${machine.name} has a job already: ${job}`, {
    remedy: `wait until it is over (\`virsh domjobinfo ${machine.id}\`), or end it with \`virsh domjobabort ${machine.id}\` when nobody needs it`,
    facts: { machine: machine.id, job },
  });
}
