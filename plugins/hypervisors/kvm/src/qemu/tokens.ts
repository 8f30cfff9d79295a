import type { RunningDisk } from './disks.ts';

/**
 * What a change token says: since when, by which bitmap, of which disk and size, and of which process of QEMU. The bitmap's name has
 * a part that was drawn for this disk alone, and it lies in the image itself: the bitmap of another disk never has it.
 */
export interface TokenFacts {
  readonly key: string;
  readonly sizeBytes: number;
  /** What told the process of QEMU from others. */
  readonly process: string;
  readonly bitmap: string;
}

const shape = /^qemu1\/([^/]{1,600})\/(\d{1,16})\/([0-9a-f]{1,64})\/(holdfast-[A-Za-z0-9_.-]{1,300})$/;

/** Writes a change token. */
export function writeToken({ key, sizeBytes, process, bitmap }: TokenFacts): string {
  return ['qemu1', encodeURIComponent(key), sizeBytes, process, bitmap].join('/');
}

/** Reads a change token, or answers `null` for what is none of ours. */
export function readToken(token: string): TokenFacts | null {
  const found = shape.exec(token);
  if (found === null) return null;
  const [, key = '', size = '', process = '', bitmap = ''] = found;
  try {
    return { key: decodeURIComponent(key), sizeBytes: Number(size), process, bitmap };
  } catch {
    return null;
  }
}

/** Why changes since a token are not known, in words for people, or `null` when they are. */
export function whyLost(token: TokenFacts, disk: RunningDisk, process: string): string | null {
  const { key, sizeBytes } = disk.disk;
  if (token.key !== key) return `the last restore point tells of disk ${token.key}, and this is disk ${key}`;
  if (token.sizeBytes !== sizeBytes) {
    const how = sizeBytes > token.sizeBytes ? 'grew' : 'shrank';
    return `disk ${key} ${how} from ${token.sizeBytes} to ${sizeBytes} bytes since the last restore point`;
  }
  if (!disk.canTrack)
    return `disk ${key} is ${disk.disk.format}: QEMU keeps bitmaps in qcow2 images only, of version 3`;
  const bitmap = disk.bitmaps.find(({ name }) => name === token.bitmap);
  if (bitmap === undefined) {
    return token.process === process
      ? `the bitmap of disk ${key} is not there any more: something else than Holdfast removed it, or the disk has another image`
      : `QEMU was started anew and the bitmap of disk ${key} is not there: QEMU was killed, so its bitmap was not saved, or the disk has another image`;
  }
  if (bitmap.isInconsistent)
    return `QEMU was killed or its host failed, so the bitmap of disk ${key} was not saved: what changed is not known`;
  if (!bitmap.isRecording) return `the bitmap of disk ${key} was switched off by something else than Holdfast`;
  if (bitmap.isBusy) return `the bitmap of disk ${key} is in use by something else than Holdfast`;
  return null;
}
