import { isAbsolute, resolve } from 'node:path';
import type { Plain } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';

/** Arguments as the host hands them over: checked against the manifest's schema, with its defaults. */
export type Arguments = Readonly<Record<string, Plain>>;

export function textOf(args: Arguments, key: string, fallback: string): string {
  const value = args[key];
  return typeof value === 'string' ? value : fallback;
}

export function numberOf(args: Arguments, key: string, fallback: number): number {
  const value = args[key];
  return typeof value === 'number' ? value : fallback;
}

export function isSet(args: Arguments, key: string): boolean {
  return args[key] === true;
}

export function textsOf(args: Arguments, key: string): readonly string[] {
  const value = args[key];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The folder of lab machines: as given, or the plugin's own. */
export function folderOf(args: Arguments, fallback: string): string {
  const folder = textOf(args, 'folder', fallback);
  return isAbsolute(folder) ? folder : resolve(folder);
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
};

/** Bytes of a size such as `512MiB`, `1.5G` or `1000000`. */
export function sizeOf(text: string): number {
  const found = /^(\d+(?:\.\d+)?) ?(|k|m|g|ki|mi|gi)b?$/i.exec(text.trim());
  const bytes = Math.round(Number(found?.[1]) * (units[(found?.[2] ?? '').toLowerCase()] ?? Number.NaN));
  if (Number.isSafeInteger(bytes) && bytes >= 1 && bytes <= 64e9) return bytes;
  throw new HoldfastError('USAGE', `${JSON.stringify(text.slice(0, 40))} is not a size from 1 byte to 64 GB`, {
    remedy: 'write it as 512MiB or 2G',
  });
}
