import { type Call, HoldfastError } from '@holdfast/api';
import type { Manifest } from '../points/manifest.ts';
import type { Inside } from './inside.ts';

/** Lost ranges of a disk that an error names, as offset+length. */
const MOST_RANGES_NAMED = 16;

/**
 * What of a restore point cannot be copied: reads all of it once more, so that all that is lost is named and not only what was met first.
 * @param met What was met first.
 * @returns The failure to throw; `null` when nothing is found lost after all.
 */
export async function lostOfSource(
  from: Inside,
  manifest: Manifest,
  met: HoldfastError,
  call: Call,
): Promise<HoldfastError | null> {
  const disks: string[] = [];
  let lostBytes = 0;
  for (const disk of manifest.disks) {
    const lost = await from.plane.verifyDisk(disk, call);
    if (lost.length === 0) continue;
    lostBytes += lost.reduce((sum, { length }) => sum + length, 0);
    const some = lost.slice(0, MOST_RANGES_NAMED).map(({ offset, length }) => `${offset}+${length}`);
    const more = some.length < lost.length ? ` and ${lost.length - some.length} more` : '';
    disks.push(`disk ${disk.key} at ${some.join(' ')}${more}`);
  }
  if (disks.length === 0) return null;
  const what = `restore point ${manifest.point} on ${from.target} is not whole`;
  return new HoldfastError(
    'REPOSITORY_DAMAGED',
    `${what}: ${lostBytes} bytes are lost, of ${disks.join(', ')}; nothing was copied`,
    {
      remedy:
        'copy another restore point, or mend this one with `holdfast repository repair` and the next run of the machine',
      facts: { point: manifest.point, target: from.target, lostBytes, ranges: disks.join(', ') },
      cause: met,
    },
  );
}
