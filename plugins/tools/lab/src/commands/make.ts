import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandHandler } from '@holdfast/api';
import type { LabWish } from '../make-machine.ts';
import { makeMachine, refuseTaken } from '../make-machine.ts';
import type { Arguments } from './arguments.ts';
import { folderOf, isSet, numberOf, sizeOf, textOf, textsOf } from './arguments.ts';
import { bytes, count, detail, text } from './views.ts';

/** `lab.make` */
export function makeCommand(ownFolder: string): CommandHandler {
  return async (args, call) => {
    const wish = wishOf(args, ownFolder);
    if (isSet(args, 'dryRun')) {
      await refuseTaken(wish);
      return {
        data: { dryRun: true, name: wish.name, folder: join(wish.folder, wish.name), dataBytes: wish.dataBytes },
        view: detail(`Would make lab machine ${wish.name}`, [
          ['folder', 'folder', text(join(wish.folder, wish.name))],
          ['dataBytes', 'data', bytes(wish.dataBytes)],
          ['format', 'format', text(wish.diskFormat)],
        ]),
      };
    }
    const machine = await makeMachine(wish, call);
    const disk = join(machine.folder, machine.mark.disk);
    const { size: sizeBytes } = await stat(disk);
    const { files, dataBytes, fileSystem, diskFormat } = machine.mark;
    return {
      data: { name: machine.name, folder: machine.folder, disk, diskFormat, fileSystem, files, dataBytes, sizeBytes },
      view: detail(`lab machine ${machine.name}`, [
        ['disk', 'disk', text(disk)],
        ['fileSystem', 'file system', text(fileSystem)],
        ['files', 'files', count(files)],
        ['dataBytes', 'data', bytes(dataBytes)],
        ['sizeBytes', 'size of the image', bytes(sizeBytes)],
      ]),
    };
  };
}

function wishOf(args: Arguments, ownFolder: string): LabWish {
  const fileSystem = textOf(args, 'fileSystem', 'auto');
  return {
    folder: folderOf(args, ownFolder),
    name: textOf(args, 'name', 'lab'),
    dataBytes: sizeOf(textOf(args, 'size', '512MiB')),
    diskFormat: textOf(args, 'format', 'raw') === 'qcow2' ? 'qcow2' : 'raw',
    fileSystem: fileSystem === 'ext4' || fileSystem === 'fat32' ? fileSystem : 'auto',
    seed: numberOf(args, 'seed', 1),
    system: !isSet(args, 'onlyFrom'),
    from: textsOf(args, 'from'),
  };
}
