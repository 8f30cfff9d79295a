import type { CommandResult, JsonSchema } from '@holdfast/api';
import type { ShellCommand } from '../../../shell/contract.ts';
import { formatBytes, formatNumbered } from '../../../shell/format/numbers.ts';
import { formatMoment } from '../../../shell/format/times.ts';
import type { Bench, Page } from '../contract.ts';
import { formId } from './command-page.ts';
import { FormPage } from './form/form-page.ts';
import { type Fields, fieldsOf, figureOf, itemsOf, sumOf, wordOf } from './reading.ts';

const mostNamed = 8;

/** Restore points that would go, as the simulator answers them. */
const goingOf = ({ data }: CommandResult): readonly Fields[] =>
  itemsOf(fieldsOf(data).fates)
    .map(fieldsOf)
    .filter(({ goes }) => goes === true)
    .map(({ point }) => fieldsOf(point));

/** How many would go of how many, and what they hold. */
export function pruneSummary(result: CommandResult): string {
  const all = itemsOf(fieldsOf(result.data).fates).length;
  const going = goingOf(result);
  if (going.length === 0) return `nothing would go: all ${formatNumbered(all, 'restore point')} stay`;
  const stored = formatBytes(sumOf(going, 'storedBytes'));
  return `${formatNumbered(going.length, 'restore point')} of ${all} would go, which added ${stored} when they were made`;
}

/** Names what cannot be restored any more. */
export function pruneConsequence(result: CommandResult): string {
  const going = goingOf(result);
  const named = going
    .slice(0, mostNamed)
    .map((point) => `${wordOf(point.machineName)} of ${formatMoment(figureOf(point.takenAt) ?? Number.NaN)}`);
  const left = going.length - named.length;
  return [
    `${formatNumbered(going.length, 'restore point')} cannot be restored any more:`,
    ...named,
    ...(left > 0 ? [`and ${left} more, listed in the preview`] : []),
  ].join('\n');
}

/** The rules alone: points that are named are forgotten by a form of their own. */
function rulesOf({ args }: ShellCommand): JsonSchema {
  const { points: _named, ...properties } = fieldsOf(args.properties);
  return { ...args, properties, required: ['machine'] };
}

/** Retention, tried before it is done: which restore points would go by these rules, why the others stay, and only then away with them. */
export function prunePage(bench: Bench, command: ShellCommand, given: Fields = {}): Page {
  const isNamed = itemsOf(given.points).length > 0;
  return new FormPage(bench, {
    id: formId(command.id, given),
    command,
    given,
    title: isNamed ? 'Forget restore points' : 'Prune: which restore points would go',
    about: isNamed
      ? 'The newest one of a machine always stays.'
      : 'Keep the newest of each hour, day, week … what no rule keeps would go.',
    ...(isNamed ? {} : { schema: rulesOf(command) }),
    summary: pruneSummary,
    consequence: pruneConsequence,
    verb: 'Forget them',
  });
}
