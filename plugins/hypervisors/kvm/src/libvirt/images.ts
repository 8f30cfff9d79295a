import { createHash } from 'node:crypto';
import type { Call } from '@holdfast/api';
import type { FoundDomain } from './inventory.ts';
import { runScript } from './script.ts';
import type { Virsh } from './virsh.ts';

const numbersScript = `for f in "$@"; do stat -L -c %i -- "$f" 2>/dev/null || echo 0; done`;

/**
 * What tells the image that each disk has now from other images, 16 hex digits by the disk's key: its path and the number of its file. A definition that
 * was changed while the machine runs says what comes next, so libvirt is asked what is.
 */
export async function imagesInUse(
  virsh: Virsh,
  { machine, images }: FoundDomain,
  call: Call,
): Promise<ReadonlyMap<string, string>> {
  const listed = readDisks(await virsh.run(['domblklist', machine.id], { signal: call.signal }));
  const paths = images.map(({ key, path }) => listed.get(key) ?? path);
  const numbers = (await runScript(virsh.host, numbersScript, paths, { signal: call.signal })).stdout.split('\n');
  return new Map(
    images.map(({ key }, index) => {
      const text = `${paths[index] ?? ''}\n${numbers[index] ?? ''}`;
      return [key, createHash('sha256').update(text).digest('hex').slice(0, 16)];
    }),
  );
}

/** Paths by the keys of their disks, as `virsh domblklist` prints them. */
export function readDisks(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, path] = /^\s*(\S+)\s+(\/.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && path !== undefined) found.set(key, path);
  }
  return found;
}
