import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { FileProblem } from './problem.ts';

/** Largest manifest, settings schema or sheet that is read. */
export const maxFileBytes = 256 * 1024;
const maxDepth = 32;
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Absolute path of a file named in a manifest. Refuses paths and links that lead out of the plugin's folder. */
export function pathWithin(folder: string, file: string): string {
  const relative = normalize(file);
  if (isAbsolute(file) || file.includes('\0') || file.includes('\\') || relative.split(sep)[0] === '..') {
    throw new FileProblem(file, 'leads out of the plugin’s folder');
  }
  const path = join(folder, relative);
  let real: string;
  let root: string;
  try {
    root = realpathSync(folder);
    real = realpathSync(path);
  } catch {
    throw new FileProblem(file, 'is not there');
  }
  if (real !== root && !real.startsWith(root + sep)) {
    throw new FileProblem(file, 'is a link that leads out of the plugin’s folder');
  }
  return path;
}

/** Reads a small file as UTF-8. What it grows by meanwhile is not read. */
export function readSmallText(folder: string, file: string): string {
  const path = pathWithin(folder, file);
  let descriptor: number;
  try {
    // Never waits for a pipe's writer, never acts on a device.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    throw new FileProblem(file, 'cannot be read');
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new FileProblem(file, 'is not a file');
    if (stat.size > maxFileBytes) throw new FileProblem(file, `is larger than ${maxFileBytes / 1024} KiB`);
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, null);
      if (count === 0) break;
      length += count;
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
  } catch (thrown) {
    if (thrown instanceof FileProblem) throw thrown;
    throw new FileProblem(file, 'is not UTF-8 text');
  } finally {
    closeSync(descriptor);
  }
}

/** Parses JSON that may be hostile: bounded depth, and no key that would reach into an object's prototype. */
export function parseJson(text: string, file: string): unknown {
  if (depthOf(text) > maxDepth) throw new FileProblem(file, `is nested deeper than ${maxDepth}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new FileProblem(file, `is not JSON: ${thrown instanceof Error ? thrown.message : 'unreadable'}`);
  }
  refuseKeys(value, file, '');
  return value;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return deepest;
}

function refuseKeys(value: unknown, file: string, path: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (forbiddenKeys.has(key)) throw new FileProblem(file, `has a member named ${key}`, path);
    refuseKeys(inner, file, `${path}/${key}`);
  }
}
