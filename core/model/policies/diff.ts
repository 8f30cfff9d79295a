import { whenText } from '../schedules/when.ts';
import type { Objective, Policy, PolicyStep, PolicyWorkflow, Selector } from './contract.ts';
import { writeDuration } from './duration.ts';
import { keepInWords } from './retention.ts';

/** A field of a policy and its value in words; `null` where it says nothing. */
type Said = ReadonlyMap<string, string | null>;

/** What changes from one policy to another of the same name, one line each: `workflow backup: every 4h → every 2h`. */
export function policyDiff(before: Policy, after: Policy): readonly string[] {
  const [old, wanted] = [saidOf(before), saidOf(after)];
  return [...new Set([...old.keys(), ...wanted.keys()])].flatMap((field) => {
    const [was, is] = [old.get(field) ?? null, wanted.get(field) ?? null];
    if (was === is) return [];
    if (was === null) return [`${field}: ${is} is added`];
    return [is === null ? `${field}: ${was} is taken away` : `${field}: ${was} → ${is}`];
  });
}

/** What a policy says, one line each. */
export function policyWords(policy: Policy): readonly string[] {
  return [...saidOf(policy)].flatMap(([field, words]) => (words === null ? [] : [`${field}: ${words}`]));
}

function saidOf(policy: Policy): Said {
  const said = new Map<string, string | null>([
    ['title', policy.title],
    ...selectorSaid(policy.protect),
    ...objectiveSaid(policy.objective),
    ['windows', windowsInWords(policy.windows)],
    ['jitter', policy.jitterMs === 0 ? null : writeDuration(policy.jitterMs)],
    ['catch-up', policy.catchUp ? null : 'what was missed is not run'],
    ['paused', policy.isPaused ? 'it runs nothing' : null],
  ]);
  for (const workflow of policy.workflows) for (const [field, words] of workflowSaid(workflow)) said.set(field, words);
  for (const [target, keep] of Object.entries(policy.keep)) said.set(`keep on ${target}`, keepInWords(keep));
  return said;
}

const list = (words: readonly string[]): string | null => (words.length === 0 ? null : words.join(', '));

const selectorSaid = ({ endpoints, names, tags, folders, except }: Selector): [string, string | null][] => [
  ['endpoints', list(endpoints)],
  ['names', list(names)],
  ['tags', list(tags)],
  ['folders', list(folders)],
  ['except', list(except)],
];

const objectiveSaid = ({ rpoMs, rtoMs, changePerDay }: Objective): [string, string | null][] => [
  ['rpo', rpoMs === null ? null : writeDuration(rpoMs)],
  ['rto', rtoMs === null ? null : writeDuration(rtoMs)],
  ['change in a day', `${Number((changePerDay * 100).toFixed(4))} %`],
];

const windowsInWords = (windows: PolicyWorkflow['windows']): string | null =>
  windows === null || windows.length === 0 ? null : windows.map(({ text }) => text).join(', ');

const workflowSaid = ({ name, when, windows, steps }: PolicyWorkflow): [string, string | null][] => [
  [`workflow ${name}`, whenText(when) ?? 'only when asked'],
  [`workflow ${name}, windows`, windows === null ? null : (windowsInWords(windows) ?? 'at any time')],
  [`workflow ${name}, steps`, steps.map(stepInWords).join(', then ')],
];

/** A step in words: `proxy (to: main)`. */
export function stepInWords({ use, settings }: PolicyStep): string {
  const set = Object.entries(settings).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return set.length === 0 ? use : `${use} (${set.join(', ')})`;
}
