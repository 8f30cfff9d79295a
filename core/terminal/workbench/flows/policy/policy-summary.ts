import type { CommandResult } from '@holdfast/api';
import { formatBytes, formatNumbered } from '../../../../shell/format/numbers.ts';
import { formatDuration, formatMoment } from '../../../../shell/format/times.ts';
import { shortId } from '../../../../shell/lookup/names.ts';
import { type Fields, fieldsOf, figureOf, itemsOf, wordOf, wordsOf } from '../reading.ts';

const mostNamed = 8;

const planOf = ({ data }: CommandResult): Fields => fieldsOf(fieldsOf(data).plan);
const listOf = (plan: Fields, key: string): readonly Fields[] => itemsOf(plan[key]).map(fieldsOf);

/** Promises that cannot be kept: with one of them nothing is put in force. */
export const refusalsOf = (result: CommandResult): readonly Fields[] => listOf(planOf(result), 'refusals');

function refusalWords(refusals: readonly Fields[]): readonly string[] {
  const [first] = refusals;
  if (first === undefined) return [];
  const why = wordsOf(first.arithmetic).join('; ');
  const more = refusals.length > 1 ? `, and ${refusals.length - 1} more` : '';
  return [`✗ ${wordOf(first.what)}${why === '' ? '' : `: ${why}`} → ${wordOf(first.remedy)}${more}`];
}

/** What a dry run of `policy set` found, in a few words: machines, what expires, what it takes, what cannot be kept. */
export function policySummary(result: CommandResult): string {
  const plan = planOf(result);
  const name = wordOf(fieldsOf(result.data).policy);
  const change = listOf(plan, 'changes').find(({ policy }) => policy === name) ?? {};
  const expires = listOf(plan, 'expires').length;
  const others = listOf(plan, 'changes').filter(({ policy, kind }) => policy !== name && kind !== 'same').length;
  const [gains, loses] = [wordsOf(change.gains).length, wordsOf(change.loses).length];
  return [
    ...refusalWords(refusalsOf(result)),
    ...(gains === 0 ? [] : [`gains ${formatNumbered(gains, 'machine')}`]),
    ...(loses === 0 ? [] : [`loses ${formatNumbered(loses, 'machine')}`]),
    expires === 0 ? 'nothing expires' : `${formatNumbered(expires, 'restore point')} would expire`,
    ...listOf(plan, 'forecasts')
      .filter(({ policy }) => policy === name)
      .map(forecastWords),
    ...(others === 0 ? [] : [`${others} other ${others === 1 ? 'policy' : 'policies'} of the file not in force yet`]),
  ].join(' · ');
}

function forecastWords(forecast: Fields): string {
  const room = figureOf(forecast.roomMs);
  const takes = `${formatDuration(figureOf(forecast.makespanMs) ?? 0)}${room === null ? '' : ` of ${formatDuration(room)}`}`;
  return `${wordOf(forecast.workflow)} reads ${formatBytes(figureOf(forecast.readBytes) ?? 0)}, takes ${takes}`;
}

/** What putting it in force does, for the dialog that asks: restore points that would expire are named. */
export function applyQuestion(result: CommandResult): { readonly text: string; readonly isDestroying: boolean } {
  const plan = planOf(result);
  const changes = listOf(plan, 'changes').filter(({ kind }) => kind !== 'same');
  const expires = listOf(plan, 'expires');
  const named = expires
    .slice(0, mostNamed)
    .map(
      (point) =>
        `  ${wordOf(point.machineName)}  ${formatMoment(figureOf(point.takenAt) ?? Number.NaN)}  ${shortId(wordOf(point.point))} on ${wordOf(point.target)}`,
    );
  const left = expires.length - named.length;
  const changed = changes.map(({ policy, kind }) => `${wordOf(kind)} ${wordOf(policy)}`).join(', ');
  return {
    text: [
      `Writes ${wordOf(fieldsOf(result.data).file)} and puts it in force: ${changed === '' ? 'no policy changes' : changed}.`,
      expires.length === 0
        ? 'No restore point expires by it.'
        : `${formatNumbered(expires.length, 'restore point')} would expire at the next run of its machine:`,
      ...named,
      ...(left > 0 ? [`  … and ${left} more`] : []),
    ].join('\n'),
    isDestroying: expires.length > 0,
  };
}
