import { safeText } from '../../model/text/safe-text.ts';
import type { Alarm } from './contract.ts';

/** Something that is not as it should be, as a look found it. */
export type FoundAlarm = Omit<Alarm, 'clearedAt'>;

/** Longest title and text of a notice, in UTF-16 units; see core/api/notifier.ts. */
export const bounds = { title: 200, text: 65_536 } as const;

/** Text of several lines in which nothing acts, cut where it is too long. */
export function safeLines(lines: readonly string[]): string {
  const safe: string[] = [];
  let length = 0;
  for (const line of lines.flatMap((text) => text.split('\n'))) {
    const one = safeText(line, 1000);
    length += one.length + 1;
    if (length > bounds.text - 20) return [...safe, '… and more'].join('\n');
    safe.push(one);
  }
  return safe.join('\n');
}

/** An alarm whose words are safe to show and no longer than a notice may be. */
export function alarmOf(alarm: Omit<FoundAlarm, 'text'> & { readonly lines: readonly string[] }): FoundAlarm {
  const { lines, ...rest } = alarm;
  return { ...rest, title: safeText(alarm.title, bounds.title), text: safeLines(lines) };
}
