import { HoldfastError } from '@holdfast/api';

const segment = /^[a-z0-9._-]{1,100}$/;
const segmentStart = /^[a-z0-9._-]{0,100}$/;
const mostSegments = 8;

/** Folder and files of the store itself. `@` is not allowed in the name of an object, so they can never be one. */
export const incomingFolder = '@incoming';
export const markerFile = '@target.json';
export const reserveFile = '@reserve';
export const canaryFile = '@canary';

/** Refuses a name that the contract does not allow. Answers its segments. */
export function segmentsOf(name: string): readonly string[] {
  const parts = name.split('/');
  if (parts.length > mostSegments || !parts.every((part) => isSegment(part))) throw invalidName(name);
  return parts;
}

/** Whether a folder's entry can be a segment of an object's name. */
export function isSegment(entry: string): boolean {
  return segment.test(entry) && entry !== '.' && entry !== '..';
}

/** Splits a prefix into the folders that it names wholly and the beginning of the next segment. */
export function splitPrefix(prefix: string): { readonly folders: readonly string[]; readonly start: string } {
  const parts = prefix.split('/');
  const start = parts.pop() ?? '';
  if (parts.length >= mostSegments || !parts.every((part) => isSegment(part)) || !segmentStart.test(start)) {
    throw invalidName(prefix);
  }
  return { folders: parts, start };
}

function invalidName(name: string): HoldfastError {
  const shown = JSON.stringify(name.slice(0, 120));
  return new HoldfastError('NAME_INVALID', `${shown} is not a name that an object can have`, {
    remedy: 'use up to eight segments of a-z, 0-9, dot, dash and underscore, 100 characters each, joined by /',
  });
}
