import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CommandHandler, FileSource } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { openDiskSource } from '@holdfast/kit/disk/open';
import type { DiskReader } from '@holdfast/kit/disk/reader';
import { compareBytes, compareFiles } from '../disk/compare.ts';
import { textOf } from './arguments.ts';
import type { Field } from './views.ts';
import { bytes, count, detail, text, verdict } from './views.ts';

/** `lab.compare`: are two disk images equal, byte for byte and file for file? */
export const compareCommand: CommandHandler = async (args, call) => {
  const left = await openImage(textOf(args, 'left', ''));
  try {
    const right = await openImage(textOf(args, 'right', ''));
    try {
      call.progress({ phase: 'comparing byte for byte' });
      const inBytes = await compareBytes(left, right, call.signal);
      call.progress({ phase: 'comparing file for file' });
      const inFiles = await compareFiles(left, right, call.signal);
      const equal = inBytes.equal && (inFiles === null || inFiles.equal);
      const fields: Field[] = [
        ['bytes', 'byte for byte', verdict(inBytes.equal, 'equal', `differ from offset ${inBytes.firstDifference}`)],
        ['comparedBytes', 'compared', bytes(inBytes.comparedBytes)],
      ];
      if (inFiles === null) fields.push(['files', 'file for file', text('no file system that can be read')]);
      else {
        const differ = `${inFiles.differingCount} differ, for example ${inFiles.differing[0] ?? 'none'}`;
        fields.push(['files', 'file for file', verdict(inFiles.equal, 'equal', differ)]);
        fields.push(['fileCount', `files (${inFiles.fileSystem})`, count(inFiles.files)]);
        fields.push(['fileBytes', 'bytes in files', bytes(inFiles.bytes)]);
      }
      return {
        data: { equal, bytes: { ...inBytes }, files: inFiles === null ? null : { ...inFiles } },
        view: detail(equal ? 'the disks are equal' : 'the disks differ', fields),
        ...(equal ? {} : { partial: true }),
      };
    } finally {
      await right.close();
    }
  } finally {
    await left.close();
  }
};

/** Opens a raw or qcow2 image that stands alone. */
async function openImage(given: string): Promise<DiskReader> {
  const path = resolve(given);
  const head = Buffer.alloc(32);
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new HoldfastError('DISK_UNREADABLE', `${path} cannot be read`, { facts: { path }, cause });
  });
  await using handle = await open(path, 'r');
  await handle.read(head, 0, head.length, 0);
  const isQcow2 = head.readUInt32BE(0) === 0x514649fb;
  const sizeBytes = isQcow2 ? Number(head.readBigUInt64BE(24)) : size;
  const source: FileSource = { kind: 'file', path, format: isQcow2 ? 'qcow2' : 'raw', chain: [], sizeBytes };
  return await openDiskSource(source);
}
