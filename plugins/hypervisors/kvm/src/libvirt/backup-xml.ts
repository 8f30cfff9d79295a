import { encode } from '../domain/xml.ts';

/** A disk in a backup that QEMU is asked to begin. */
export interface BackupDisk {
  readonly key: string;
  /** Absolute path of its scratch image. */
  readonly scratch: string;
  /** The checkpoint since which changes are named, or `null` for all of the disk. */
  readonly since: string | null;
}

/** Name of the bitmap that an export shows. */
export const exportBitmap = 'holdfast';
export const exportContext = `qemu:dirty-bitmap:${exportBitmap}`;

/** A backup that is pulled through a unix socket, each disk as an export named by its key. @see libvirt, formatbackup */
export function backupXml(socket: string, disks: readonly BackupDisk[], others: readonly string[]): string {
  const taken = disks.map(({ key, scratch, since }) => {
    const how =
      since === null
        ? " backupmode='full'"
        : ` backupmode='incremental' incremental='${encode(since)}' exportbitmap='${exportBitmap}'`;
    return `<disk name='${encode(key)}' backup='yes' type='file'${how} exportname='${encode(key)}'><driver type='qcow2'/><scratch file='${encode(scratch)}'/></disk>`;
  });
  const left = others.map((key) => `<disk name='${encode(key)}' backup='no'/>`);
  return `<domainbackup mode='pull'><server transport='unix' socket='${encode(socket)}'/><disks>${[...taken, ...left].join('')}</disks></domainbackup>\n`;
}

/** A checkpoint of some disks, from which on their changes are tracked. @see libvirt, formatcheckpoint */
export function checkpointXml(name: string, disks: readonly string[], others: readonly string[]): string {
  const all = [
    ...disks.map((key) => `<disk name='${encode(key)}' checkpoint='bitmap' bitmap='${encode(name)}'/>`),
    ...others.map((key) => `<disk name='${encode(key)}' checkpoint='no'/>`),
  ];
  return `<domaincheckpoint><name>${encode(name)}</name><description>changes since a restore point of Holdfast</description><disks>${all.join('')}</disks></domaincheckpoint>\n`;
}
