import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandHandler } from '@holdfast/api';
import { makeMachine } from '../make-machine.ts';
import { folderOf, numberOf, sizeOf, textOf, textsOf } from './arguments.ts';
import { bytes, count, detail, text } from './views.ts';

/** `lab.make` */
export function makeCommand(ownFolder: string): CommandHandler {
  return async (args, call) => {
    const fileSystem = textOf(args, 'fileSystem', 'auto');
    const machine = await makeMachine(
      {
        folder: folderOf(args, ownFolder),
        name: textOf(args, 'name', 'lab'),
        dataBytes: sizeOf(textOf(args, 'size', '512MiB')),
        diskFormat: textOf(args, 'format', 'raw') === 'qcow2' ? 'qcow2' : 'raw',
        fileSystem: fileSystem === 'ext4' || fileSystem === 'fat32' ? fileSystem : 'auto',
        seed: numberOf(args, 'seed', 1),
        system: args.system !== false,
        from: textsOf(args, 'from'),
      },
      call,
    );
    const disk = join(machine.folder, machine.mark.disk);
    const { size } = await stat(disk);
    const { files, dataBytes, fileSystem: made, diskFormat } = machine.mark;
    return {
      data: {
        name: machine.name,
        folder: machine.folder,
        disk,
        diskFormat,
        fileSystem: made,
        files,
        dataBytes,
        sizeBytes: size,
      },
      view: detail(`lab machine ${machine.name}`, [
        ['disk', 'disk', text(disk)],
        ['fileSystem', 'file system', text(made)],
        ['files', 'files', count(files)],
        ['dataBytes', 'data', bytes(dataBytes)],
        ['sizeBytes', 'size of the image', bytes(size)],
      ]),
    };
  };
}
