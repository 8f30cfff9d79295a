import { dirname, isAbsolute } from 'node:path';
import type { DiskFormat, MachineDisk, Plain } from '@holdfast/api';
import { listOf, member, sizeOf, textOf } from '../live/plain.ts';
import type { Qmp } from './qmp.ts';

/** A dirty bitmap as QEMU describes it. */
export interface Bitmap {
  readonly name: string;
  readonly isRecording: boolean;
  readonly isInconsistent: boolean;
  readonly isBusy: boolean;
}

/** A disk of a machine that runs. */
export interface RunningDisk {
  readonly disk: MachineDisk;
  /** QEMU's name of the node that the guest's writes go through. */
  readonly node: string;
  /** Absolute path of the image, or `null` when it is none (a device, another protocol). */
  readonly file: string | null;
  /** Whether QEMU keeps a bitmap of it when it is shut down. */
  readonly canTrack: boolean;
  readonly bitmaps: readonly Bitmap[];
}

const formats: Readonly<Record<string, DiskFormat>> = {
  raw: 'raw',
  qcow2: 'qcow2',
  vmdk: 'vmdk',
  vpc: 'vhd',
  vhdx: 'vhdx',
};

/** Devices that hand the guest's commands to a device of the host as they are: QEMU does not see what is written. */
const passedThrough = /^scsi-(block|generic)$/;
/** Removable media and firmware are no disks of the machine. */
const noDisk = /(^|-)(cd|cd-rom|floppy)$|pflash/;

/** The disks that a guest has, as QEMU knows them now. Media that can be taken out, and firmware, are none. */
export async function disksOf(qmp: Qmp): Promise<readonly RunningDisk[]> {
  const nodes = new Map(
    listOf(await qmp.execute('query-named-block-nodes', { flat: true })).map((node) => [
      textOf(member(node, 'node-name')),
      node,
    ]),
  );
  const disks: RunningDisk[] = [];
  for (const block of listOf(await qmp.execute('query-block'))) {
    const inserted = member(block, 'inserted');
    const qdev = textOf(member(block, 'qdev'));
    if (inserted === undefined || qdev === '' || member(block, 'removable') === true) continue;
    const type = await deviceType(qmp, qdev);
    if (noDisk.test(type)) continue;
    const key = keyOf(block, disks);
    const node = belowFilters(nodes.get(textOf(member(inserted, 'node-name'))) ?? inserted, nodes);
    disks.push(describe(key, type, node));
  }
  return disks;
}

/**
 * While a backup or a mirror runs, and where a throttle is set, a filter stands above the image's own node. QEMU does not say over which; the
 * image is the one node of a format that lies in the same file.
 */
function belowFilters(top: Plain, nodes: ReadonlyMap<string, Plain>): Plain {
  if (Object.hasOwn(formats, textOf(member(top, 'drv')))) return top;
  const file = textOf(member(top, 'file'));
  const images = [...nodes.values()].filter(
    (node) => textOf(member(node, 'file')) === file && Object.hasOwn(formats, textOf(member(node, 'drv'))),
  );
  return images.length === 1 && images[0] !== undefined ? images[0] : top;
}

function describe(key: string, type: string, node: Plain): RunningDisk {
  const driver = textOf(member(node, 'drv'));
  const path = textOf(member(node, 'file'));
  const isDevice = path.startsWith('/dev/');
  const isFile = isAbsolute(path) && !isDevice;
  const allocated = sizeOf(member(node, 'image', 'actual-size'));
  const format = formats[driver] ?? 'raw';
  return {
    disk: {
      key,
      sizeBytes: sizeOf(member(node, 'image', 'virtual-size')),
      ...(allocated > 0 ? { allocatedBytes: allocated } : {}),
      format,
      kind: passedThrough.test(type) ? 'raw-physical' : 'virtual',
      location: path,
      ...(isAbsolute(path) ? { storage: dirname(path) } : {}),
    },
    node: textOf(member(node, 'node-name')),
    file: isFile ? path : null,
    canTrack:
      driver === 'qcow2' &&
      member(node, 'image', 'format-specific', 'data', 'compat') !== '0.10' &&
      member(node, 'ro') !== true,
    bitmaps: listOf(member(node, 'dirty-bitmaps')).map((bitmap) => ({
      name: textOf(member(bitmap, 'name')),
      isRecording: member(bitmap, 'recording') === true,
      isInconsistent: member(bitmap, 'inconsistent') === true,
      isBusy: member(bitmap, 'busy') === true,
    })),
  };
}

/** The kind of device, for example `virtio-blk-device`; empty where QEMU does not say. */
async function deviceType(qmp: Qmp, qdev: string): Promise<string> {
  const path = qdev.startsWith('/') ? qdev : `/machine/peripheral/${qdev}`;
  return textOf(await qmp.execute('qom-get', { path, property: 'type' }).catch(() => ''));
}

/** The name that the administrator gave the device, else the drive, else the node: it stays while the disk is attached. */
function keyOf(block: Plain, before: readonly RunningDisk[]): string {
  const id = /^(?:\/machine\/peripheral\/)?([^/]+)(?:\/.*)?$/.exec(textOf(member(block, 'qdev')))?.[1];
  const node = textOf(member(block, 'inserted', 'node-name'));
  const names = [id, textOf(member(block, 'device')), node.startsWith('#') ? '' : node, `disk-${before.length + 1}`];
  const key = names.find((name) => name !== undefined && name !== '') ?? 'disk';
  return before.some(({ disk }) => disk.key === key) ? `${key}-${before.length + 1}` : key;
}
