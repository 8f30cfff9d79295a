import { createHash } from 'node:crypto';
import type { OwnerMark } from '@holdfast/api';

/** What every checkpoint and bitmap that tracks changes for Holdfast begins with. */
const begin = 'holdfast-';
const longest = 200;

/** What the names of all checkpoints and bitmaps of one installation begin with: `holdfast-<first 8 characters>-`. */
export const trackingPrefix = (site: string): string => `${begin}${plainName(site).slice(0, 8)}-`;

/** Name of the checkpoint or bitmap that tracks changes from a snapshot on: `holdfast-<site>-<intent>`. */
export function trackingName(owner: OwnerMark): string {
  const name = trackingPrefix(owner.site) + plainName(owner.intent);
  return name.length <= longest ? name : trackingPrefix(owner.site) + fingerprint(owner.intent);
}

/** Whether a checkpoint or bitmap was made by an installation. */
export const isTrackingOf = (name: string, site: string): boolean => name.startsWith(trackingPrefix(site));

/** A text as a name that QEMU, libvirt and a shell take as it is; two texts never get one name. */
function plainName(text: string): string {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text) ? text : fingerprint(text);
}

const fingerprint = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
