import { HoldfastError } from '@holdfast/api';
import type { PlainValue } from '../../../../config/located.ts';
import { type Raw, rawOf } from './raw-policy.ts';

const rules = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'];
/** How a rule that limits nothing is said. */
const everything = 'everything';

function refuse(word: string, why: string): never {
  throw new HoldfastError('USAGE', `--keep ${word}: ${why}`, {
    remedy:
      'write for example `--keep main:daily=14,weekly=8`, `--keep main:everything`, or `--keep main:` to take it away',
  });
}

/** Reads `main:daily=14,weekly=8`. `counts` is `null` where the target is not to be named any more. */
export function readKeep(word: string): { readonly target: string; readonly counts: Raw | null } {
  const at = word.indexOf(':');
  if (at < 1) refuse(word, 'a target and `:` come first');
  const target = word.slice(0, at).trim();
  const said = word.slice(at + 1).trim();
  if (said === '') return { target, counts: null };
  if (said === everything) return { target, counts: {} };
  const counts: Record<string, PlainValue> = {};
  for (const part of said.split(/[,\s]+/)) {
    const [, rule = '', count = ''] = /^([a-z]+)=(\d{1,6})$/.exec(part) ?? [];
    if (!rules.includes(rule)) refuse(word, `${JSON.stringify(part)} is none of ${rules.join(', ')} with a count`);
    counts[rule] = Number(count);
  }
  return { target, counts };
}

/** Writes what `readKeep` reads. */
export function writeKeep(target: string, counts: unknown): string {
  const said = rules.flatMap((rule) => {
    const count = rawOf(counts)[rule];
    return typeof count === 'number' && count > 0 ? [`${rule}=${count}`] : [];
  });
  return `${target}:${said.length === 0 ? everything : said.join(',')}`;
}
