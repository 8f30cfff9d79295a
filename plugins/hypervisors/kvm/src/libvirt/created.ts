import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Call, DiskRef, MachineId, MachineSpec } from '@holdfast/api';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import { ownerNamespace, parseDomain } from '../domain/parse.ts';
import { plainDomain, rewriteDomain } from '../domain/rewrite.ts';
import { encode } from '../domain/xml.ts';
import { checkMachineName, folderNameOf, imageNamesOf, targetsOf } from '../restore/names.ts';
import type { ExportedDisk, Mark, Marked } from './marks.ts';
import { removeMark, writeMark } from './marks.ts';
import type { Parts } from './parts.ts';
import { workName } from './places.ts';
import { endProgram } from './release.ts';
import { mustScript, runScript } from './script.ts';
import { errorsIn } from './virsh.ts';

const libvirt = 'application/x-libvirt+xml';

/** A folder that was not there, and images in it: triples of name, format and size. */
const imagesScript = `
umask 077
f=$1 u=$2
shift 2
mkdir -m 0711 "$f" || exit 17
[ "$u" = keep ] || chown "$u" "$f" || exit 1
while [ $# -gt 2 ]; do
  qemu-img create -q -f "$2" "$f/$1" "$3" >/dev/null && sync "$f/$1" || exit 1
  [ "$u" = keep ] || chown "$u" "$f/$1" || exit 1
  shift 3
done
sync "$f"
`;

/** Files of ours by their names, and their folder when nothing else is in it. */
const removeScript = `
f=$1
shift
[ -d "$f" ] && [ ! -L "$f" ] || exit 0
for n in "$@"; do rm -f "$f/$n" || exit 1; done
rmdir "$f" 2>/dev/null || sync "$f"
`;

/**
 * Makes a machine with empty disks. Its mark is durable before anything else is there, and names every file.
 * @throws `NAME_TAKEN`, `NAME_INVALID`, `DISK_SPACE`, `DISK_UNWRITABLE`
 */
export async function createMachine(parts: Parts, spec: MachineSpec, call: Call): Promise<MachineId> {
  checkMachineName(spec.name);
  // libvirt makes files of a machine's name, and would say so only at the end.
  if (spec.name.includes('/') || /^\.{1,2}$/.test(spec.name))
    throw new HoldfastError(
      'NAME_INVALID',
      `${JSON.stringify(spec.name.slice(0, 80))} is not a name that libvirt takes`,
      {
        remedy: 'use one without a slash that is not only dots',
      },
    );
  const { virsh } = parts;
  if ((await parts.inventory.names(call)).some(({ name }) => name === spec.name)) throw taken(spec.name);
  const uuid = randomUUID();
  const id = `made-${randomBytes(16).toString('hex')}`;
  const images = await parts.places.images();
  const folder = join(images, `${folderNameOf(spec.name)}-${id.slice(5, 13)}`);
  const formats = spec.disks.map(({ format }) => (format === 'raw' ? 'raw' : 'qcow2'));
  const files = imageNamesOf(spec.disks.map((disk) => disk.key)).map((name, index) =>
    name.replace(/raw$/, formats[index] ?? 'raw'),
  );
  const disks = await Promise.all(
    spec.disks.map(async ({ key, sizeBytes }): Promise<ExportedDisk> => {
      const socket = await parts.places.ownSocket();
      return { key, sizeBytes, context: null, since: null, covers: [], token: null, lost: {}, socket };
    }),
  );
  const base = {
    format: 'holdfast-owner',
    version: 1,
    kind: 'machine',
    how: 'made',
    socket: null,
    checkpoint: null,
  } as const;
  const mark: Mark = {
    ...base,
    id,
    title: `machine ${spec.name}, half restored`,
    owner: spec.owner,
    machine: uuid,
    disks,
    folder,
    files,
  };
  const marked = { folder: join(images, workName), mark };
  await mustScript(virsh.host, `no folder for images`, '[ -d "$1" ] || mkdir -p "$1"', [images]);
  await writeMark(virsh.host, marked.folder, mark);
  try {
    const users = await parts.places.users();
    const owner =
      users.self === 0 && users.qemu !== 0 && parts.settings.uri.startsWith('qemu:///session')
        ? String(users.qemu)
        : 'keep';
    const made = files.flatMap((name, index) => [
      name,
      formats[index] ?? 'raw',
      String(spec.disks[index]?.sizeBytes ?? 0),
    ]);
    await mustScript(virsh.host, `the disks of ${spec.name} cannot be made in ${images}`, imagesScript, [
      folder,
      owner,
      ...made,
    ]);
    await define(parts, spec, mark, formats);
    return uuid;
  } catch (thrown) {
    await removeMachine(parts, marked).catch(() => {});
    throw thrown;
  }
}

/** Takes a half-made machine away: only if it still carries its mark, and only files that the mark names. Idempotent. */
export async function removeMachine(parts: Parts, marked: Marked): Promise<void> {
  const { virsh } = parts;
  const { mark, folder } = marked;
  await endWriters(parts, marked);
  const isOurs = (await virsh.attempt(['metadata', mark.machine, '--uri', ownerNamespace])).stdout.includes(mark.id);
  if (isOurs) {
    await virsh.attempt(['destroy', mark.machine]);
    const done = await virsh.attempt([
      'undefine',
      mark.machine,
      '--nvram',
      '--managed-save',
      '--snapshots-metadata',
      '--checkpoints-metadata',
    ]);
    if (done.exitCode !== 0 && !/failed to get domain/.test(done.stderr)) throw virsh.failure(done, 'undefine');
  }
  const isThere = (await virsh.attempt(['domstate', mark.machine])).exitCode === 0;
  // Adopted by a process that died before it could take the mark away: the machine is the user's, with its files.
  if (mark.folder !== null && !isThere)
    await mustScript(virsh.host, `${mark.title} cannot be removed`, removeScript, [mark.folder, ...mark.files]);
  await removeMark(virsh.host, { folder, mark });
}

/** Ends all programs that write into a machine's images. */
export async function endWriters(parts: Parts, { mark, folder }: Marked): Promise<void> {
  for (const [index, disk] of mark.disks.entries())
    if (disk.socket !== null) await endProgram(parts, join(folder, `${mark.id}-${index}.pid`), disk.socket);
}

/** The machine is the user's from now on. */
export async function adoptMachine(parts: Parts, marked: Marked): Promise<void> {
  const { virsh } = parts;
  await endWriters(parts, marked);
  const done = await virsh.attempt(['metadata', marked.mark.machine, '--uri', ownerNamespace, '--config', '--remove']);
  if (done.exitCode !== 0 && !/metadata not found|No .*metadata/i.test(done.stderr))
    throw virsh.failure(done, 'metadata');
  await removeMark(virsh.host, marked);
}

/** The disk of a half-made machine, with its place. @throws `DISK_UNWRITABLE` */
export function diskOfMade(
  { mark }: Marked,
  ref: DiskRef,
): { readonly index: number; readonly disk: ExportedDisk; readonly path: string; readonly driver: string } {
  const index = mark.disks.findIndex(({ key }) => key === ref.disk);
  const disk = mark.disks[index];
  const file = mark.files[index];
  if (disk === undefined || file === undefined || mark.folder === null)
    throw new HoldfastError(
      'DISK_UNWRITABLE',
      `machine ${ref.machine.slice(0, 80)} has no disk ${ref.disk.slice(0, 80)}`,
      {
        facts: { machine: ref.machine.slice(0, 200), disk: ref.disk.slice(0, 200) },
      },
    );
  return { index, disk, path: join(mark.folder, file), driver: file.endsWith('.qcow2') ? 'qcow2' : 'raw' };
}

/** Defines the machine, with its mark in the definition. Where the processor cannot, it is emulated. */
async function define(parts: Parts, spec: MachineSpec, mark: Mark, formats: readonly string[]): Promise<void> {
  const { virsh } = parts;
  const file = join(mark.folder ?? '', 'domain.xml');
  for (const type of [null, 'qemu'] as const) {
    const xml = definitionOf(spec, mark, formats, type);
    await mustScript(virsh.host, `${spec.name} cannot be defined`, 'umask 077; cat > "$1"', [file], { input: xml });
    const done = await virsh.attempt(['define', '--file', file]);
    await runScript(virsh.host, 'rm -f "$1"', [file]);
    if (done.exitCode === 0) return;
    if (/already exists|is already defined/.test(done.stderr)) throw taken(spec.name);
    const cannotRun =
      /virt(ualization)? type|could not find capabilities|could not get preferred machine|does not support virt type/i.test(
        done.stderr,
      );
    if (type === 'qemu' || !cannotRun)
      throw new HoldfastError(
        'DISK_UNWRITABLE',
        `libvirt does not take the definition of ${spec.name}: ${errorsIn(done.stderr)}`,
        {
          remedy:
            'its devices may be others than this host has: restore its disks, and define a machine for them by hand',
          facts: { machine: spec.name },
        },
      );
  }
}

function definitionOf(spec: MachineSpec, mark: Mark, formats: readonly string[], type: 'qemu' | null): string {
  const note = `<holdfast:owner xmlns:holdfast="${ownerNamespace}" mark="${mark.id}">${encode(mark.title)}</holdfast:owner>`;
  const paths = mark.files.map((file) => join(mark.folder ?? '', file));
  const common = { name: spec.name, uuid: mark.machine, note, newAddresses: true, ...(type === null ? {} : { type }) };
  if (spec.config?.mediaType === libvirt && hasDisks(spec.config.text, spec.disks)) {
    const keys = spec.disks.map((disk) => disk.key);
    return rewriteDomain(spec.config.text, {
      ...common,
      disks: new Map(keys.map((key, index) => [key, paths[index] ?? ''])),
      formats: new Map(keys.map((key, index) => [key, formats[index] ?? 'raw'])),
    });
  }
  const targets = targetsOf(spec.disks.map((disk) => disk.key));
  const { memoryBytes = 2 ** 30, cpus = 1 } = spec;
  return plainDomain({
    ...common,
    disks: new Map(targets.map((target, index) => [target, paths[index] ?? ''])),
    formats: new Map(targets.map((target, index) => [target, formats[index] ?? 'raw'])),
    memoryBytes,
    cpus,
  });
}

/** Whether a definition has a place for each disk; one that has not would make a machine without its data. */
function hasDisks(text: string, wanted: MachineSpec['disks']): boolean {
  try {
    const keys = new Set(parseDomain(text).disks.map((disk) => disk.key));
    return wanted.every((disk) => keys.has(disk.key));
  } catch (thrown) {
    if (isHoldfastError(thrown, 'CONFIG_INVALID')) return false;
    throw thrown;
  }
}

function taken(name: string): HoldfastError {
  return new HoldfastError('NAME_TAKEN', `there is a machine named ${name} already`, { facts: { name } });
}
