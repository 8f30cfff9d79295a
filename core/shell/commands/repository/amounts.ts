import { HoldfastError } from '@holdfast/api';
import { parseDuration } from '../../../model/policies/duration.ts';

const units: Readonly<Record<string, number>> = {
  b: 1,
  k: 1_000,
  kb: 1_000,
  kib: 1024,
  m: 1_000_000,
  mb: 1_000_000,
  mib: 1024 ** 2,
  g: 1_000_000_000,
  gb: 1_000_000_000,
  gib: 1024 ** 3,
};

const wrong = (flag: string, text: string, remedy: string): HoldfastError =>
  new HoldfastError('USAGE', `--${flag} ${JSON.stringify(text)} is not understood`, { remedy });

/** Bytes a second: `20MB`, `20MB/s`, `500 KiB`, `1000000`; `null` when it is not given. Throws `USAGE`. */
export function rateOf(text: string | null): number | null {
  if (text === null) return null;
  const found = /^(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]{0,3})(?:\/s)?$/i.exec(text.trim());
  const unit = units[(found?.[2] ?? '').toLowerCase() || 'b'];
  const bytes = unit === undefined ? 0 : Math.floor(Number(found?.[1]) * unit);
  if (found === null || bytes < 1 || !Number.isSafeInteger(bytes))
    throw wrong('limit', text, 'write it as bytes a second: `--limit 20MB`, `--limit 512KiB`');
  return bytes;
}

/** A share of one: `50%`, `0.5`; `null` when it is not given. Throws `USAGE`. */
export function shareOf(text: string | null): number | null {
  if (text === null) return null;
  const found = /^(\d{1,3}(?:\.\d{1,6})?)\s*(%?)$/.exec(text.trim());
  const share = Number(found?.[1]) / (found?.[2] === '%' ? 100 : 1);
  if (found === null || share > 1)
    throw wrong('repack-below', text, 'write it as a share of a pack: `--repack-below 50%`; 0 writes nothing anew');
  return share;
}

/** Milliseconds to wait: `10m`, `1h30m`, `0s`; `null` when it is not given. Throws `USAGE`. */
export function waitOf(text: string | null): number | null {
  if (text === null) return null;
  const ms = parseDuration(text);
  if (ms === null) throw wrong('wait', text, 'write it as a duration: `--wait 10m`, `--wait 1h30m`');
  return ms;
}
