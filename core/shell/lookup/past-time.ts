import { HoldfastError } from '@holdfast/api';
import { parseDuration } from '../../model/policies/duration.ts';

/** A moment in the past that was named by how long ago it was: `30d`. @throws `USAGE` */
export function pastTime(flag: string, text: string, now: number): number {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0 && ms <= now) return now - ms;
  throw new HoldfastError('USAGE', `--${flag} is no length of time`, { remedy: 'write it like 7d, 12h or 90m' });
}
