import { Document, isMap, isSeq, type Node } from 'yaml';
import type { Objective, Policy, PolicyStep, PolicyWorkflow, Selector } from '../../model/policies/contract.ts';
import { writeDuration } from '../../model/policies/duration.ts';
import type { TimeWindow } from '../../model/schedules/contract.ts';
import type { PlainValue } from '../located.ts';

/** Keys and values as they stand in a file; what is as by default is left out. */
export type Written = Readonly<Record<string, PlainValue>>;

/** Default of `objective.change`. */
const usualChange = 0.05;

/** A policy as a file has it. Reading it gives the policy. */
export function writtenPolicy(policy: Policy): Written {
  const protect = writtenSelector(policy.protect);
  const objective = writtenObjective(policy.objective);
  return {
    ...(policy.title === null ? {} : { title: policy.title }),
    protect,
    ...(Object.keys(objective).length === 0 ? {} : { objective }),
    ...writtenWindows(policy.windows),
    ...(policy.jitterMs === 0 ? {} : { jitter: writeDuration(policy.jitterMs) }),
    ...(policy.catchUp ? {} : { catchUp: false }),
    ...(policy.isPaused ? { paused: true } : {}),
    workflows: Object.fromEntries(policy.workflows.map((workflow) => [workflow.name, writtenWorkflow(workflow)])),
    ...(Object.keys(policy.keep).length === 0
      ? {}
      : { keep: Object.fromEntries(Object.entries(policy.keep).map(([target, keep]) => [target, { ...keep }])) }),
  };
}

export function writtenSelector({ endpoints, names, tags, folders, except }: Selector): Written {
  return {
    ...(endpoints.length > 1
      ? { endpoints: [...endpoints] }
      : endpoints.length === 1
        ? { endpoint: endpoints[0] ?? '' }
        : {}),
    ...wordsUnder('names', names),
    ...wordsUnder('tags', tags),
    ...wordsUnder('folders', folders),
    ...wordsUnder('except', except),
  };
}

const wordsUnder = (key: string, words: readonly string[]): Written =>
  words.length === 0 ? {} : { [key]: [...words] };

export function writtenObjective({ rpoMs, rtoMs, changePerDay }: Objective): Written {
  return {
    ...(rpoMs === null ? {} : { rpo: writeDuration(rpoMs) }),
    ...(rtoMs === null ? {} : { rto: writeDuration(rtoMs) }),
    ...(changePerDay === usualChange ? {} : { change: writtenShare(changePerDay) }),
  };
}

function writtenShare(share: number): PlainValue {
  const percent = Number((share * 100).toFixed(6));
  return percent / 100 === share ? `${percent}%` : share;
}

export function writtenWindows(windows: readonly TimeWindow[]): Written {
  const [first, ...more] = windows.map(({ text }) => text);
  if (first === undefined) return {};
  return more.length === 0 ? { window: first } : { windows: [first, ...more] };
}

/** The windows of a workflow itself: an empty list is another thing than none. */
export function ownWindows({ windows }: Pick<PolicyWorkflow, 'windows'>): Written {
  if (windows === null) return {};
  return windows.length === 0 ? { windows: [] } : writtenWindows(windows);
}

export function writtenWhen({ when }: Pick<PolicyWorkflow, 'when'>): Written {
  if (when.kind === 'asked') return {};
  return when.kind === 'every' ? { every: when.text } : { schedule: when.text };
}

export function writtenStep({ use, settings }: PolicyStep): PlainValue {
  return Object.keys(settings).length === 0 ? use : { [use]: settingsOf(settings) };
}

/** Settings were read from a file, so they are what a file can hold. */
const settingsOf = (settings: PolicyStep['settings']): Written => JSON.parse(JSON.stringify(settings)) as Written;

function writtenWorkflow(workflow: PolicyWorkflow): Written {
  return {
    ...writtenWhen(workflow),
    ...(workflow.windows === null
      ? {}
      : workflow.windows.length === 0
        ? { windows: [] }
        : writtenWindows(workflow.windows)),
    steps: workflow.steps.map(writtenStep),
  };
}

/**
 * A value as text of a file: maps and lists of words in braces, on one line; maps of maps and lists of steps in lines of their own.
 * @param indent Spaces of one level.
 */
export function renderValue(value: PlainValue, indent: number): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  if (document.contents !== null) brace(document.contents);
  return document.toString({ lineWidth: 0, indent, flowCollectionPadding: true, singleQuote: true }).trimEnd();
}

/** The same in braces whatever it is, so that it fits on one line. */
export function renderInline(value: PlainValue): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  const { contents } = document;
  if (isMap(contents) || isSeq(contents)) contents.flow = true;
  return document
    .toString({ lineWidth: 0, flowCollectionPadding: true, collectionStyle: 'flow', singleQuote: true })
    .trimEnd();
}

/** Puts maps and lists that hold only words, and maps with one level more in steps, into braces. */
function brace(node: Node): void {
  if (isMap<unknown, Node>(node)) {
    const values = node.items.flatMap(({ value }) => value ?? []);
    if (!values.some((value) => isMap(value) || isBlockList(value))) node.flow = node.items.length > 0;
    else for (const value of values) brace(value);
  } else if (isSeq<Node>(node)) {
    if (!isBlockList(node)) node.flow = true;
    // A step stands in a line of its own, with its settings in braces.
    else
      for (const item of node.items)
        if (isMap<unknown, Node>(item))
          for (const { value } of item.items) if (isMap(value) || isSeq(value)) value.flow = true;
  }
}

const isBlockList = (node: Node): boolean => isSeq<Node>(node) && node.items.some((item) => isMap(item));
