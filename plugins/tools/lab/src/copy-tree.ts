import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { throwIfCancelled } from '@holdfast/api';
import type { PickedFile } from './pick-files.ts';

const copiers = 8;

/** Copies picked files into a folder that `mke2fs -d` can take. */
export async function copyTree(files: readonly PickedFile[], folder: string, signal: AbortSignal): Promise<void> {
  const made = new Set<string>();
  const queue = files.values();
  const copier = async (): Promise<void> => {
    for (const file of queue) {
      throwIfCancelled(signal, 'copying files');
      const copy = join(folder, file.path);
      const parent = dirname(copy);
      if (!made.has(parent)) await mkdir(parent, { recursive: true });
      made.add(parent);
      await copyFile(file.source, copy);
    }
  };
  await Promise.all(Array.from({ length: copiers }, copier));
}
