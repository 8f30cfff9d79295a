import type { CommandResult } from '@holdfast/api';
import { formatBytes, formatNumbered } from '../../../../shell/format/numbers.ts';
import { formatDuration } from '../../../../shell/format/times.ts';
import { type Fields, fieldsOf, figureOf, itemsOf, sumOf, wordsOf } from '../reading.ts';

/** The plans of a dry run of `protect` or `restore machine` in a line: bytes, time, slots, what expires. */
export function planSummary({ data }: CommandResult): string {
  const { plan, plans } = fieldsOf(data);
  const all = (plan === undefined ? itemsOf(plans) : [plan]).map(fieldsOf);
  const steps = all.flatMap(({ steps: own }) => itemsOf(own)).map(fieldsOf);
  const slots = [...new Set(steps.flatMap((step) => wordsOf(step.slots)))];
  const expiring = all.reduce((sum, { expires }) => sum + itemsOf(expires).length, 0);
  const warnings = all.reduce((sum, { warnings: own }) => sum + itemsOf(own).length, 0);
  return [
    `reads ${formatBytes(sumOf(all, 'readBytes'))}, writes ${formatBytes(sumOf(all, 'writeBytes'))}`,
    `takes about ${formatDuration(sumOf(all, 'durationMs'))}`,
    ...(slots.length === 0 ? [] : [`holds ${slots.join(', ')}`]),
    expiring === 0 ? 'nothing expires' : `${formatNumbered(expiring, 'older restore point')} would expire`,
    ...(warnings === 0 ? [] : [formatNumbered(warnings, 'warning')]),
  ].join(' · ');
}

const rules = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'];

/** Retention of a target as people say it: `24 hourly, 14 daily`. */
export function keepWords(keep: Fields): string {
  const said = rules.flatMap((rule) => {
    const count = figureOf(keep[rule]);
    return count === null || count === 0 ? [] : [`${count} ${rule}`];
  });
  return said.length === 0 ? 'everything' : said.join(', ');
}
