import type { PlainValue } from '../../../../config/located.ts';
import { writeKeep } from './keep-words.ts';
import { type Raw, rawOf, textsOf } from './raw-policy.ts';
import { readSteps, stepWords } from './raw-steps.ts';

/** A policy in the words of `policy set`: the arguments that would make it. What is not said is empty. */
export interface PolicyWords {
  readonly title: string;
  readonly endpoint: readonly string[];
  readonly name: readonly string[];
  readonly tag: readonly string[];
  readonly folder: readonly string[];
  readonly except: readonly string[];
  readonly rpo: string;
  readonly rto: string;
  readonly change: string;
  readonly window: readonly string[];
  readonly jitter: string;
  readonly catchUp: '' | 'yes' | 'no';
  readonly paused: boolean;
  /** The one workflow that the rest is about. */
  readonly workflow: string;
  readonly workflowWindow: readonly string[];
  readonly schedule: string;
  readonly every: string;
  readonly steps: readonly string[];
  readonly to: string;
  readonly set: readonly string[];
  readonly keep: readonly string[];
}

const textOf = (value: PlainValue | undefined): string =>
  value === undefined || value === null || typeof value === 'object' ? '' : String(value);

/** The workflow that is meant where none is named: the only one, or `backup`; `null` when it could be any. */
export function meantWorkflow(policy: Raw): string | null {
  const [only, second] = Object.keys(rawOf(policy.workflows));
  if (only === undefined || Object.hasOwn(rawOf(policy.workflows), 'backup')) return 'backup';
  return second === undefined ? only : null;
}

/**
 * What a policy says, in words.
 * @param workflow The workflow that is wanted; `null` for the one that is meant, or the first.
 * @param schema Settings schema of a technique.
 */
export function wordsOf(
  policy: Raw,
  workflow: string | null,
  schema: (use: string) => Readonly<Record<string, unknown>>,
): PolicyWords {
  const workflows = rawOf(policy.workflows);
  const name = workflow ?? meantWorkflow(policy) ?? Object.keys(workflows)[0] ?? 'backup';
  const own = Object.hasOwn(workflows, name) ? rawOf(workflows[name]) : {};
  const protect = rawOf(policy.protect);
  const objective = rawOf(policy.objective);
  return {
    title: textOf(policy.title),
    endpoint: [...textsOf(protect.endpoint), ...textsOf(protect.endpoints)],
    name: textsOf(protect.names),
    tag: textsOf(protect.tags),
    folder: textsOf(protect.folders),
    except: textsOf(protect.except),
    rpo: textOf(objective.rpo),
    rto: textOf(objective.rto),
    change: textOf(objective.change),
    window: [...textsOf(policy.window), ...textsOf(policy.windows)],
    jitter: textOf(policy.jitter),
    catchUp: policy.catchUp === false ? 'no' : policy.catchUp === true ? 'yes' : '',
    paused: policy.paused === true,
    workflow: name,
    workflowWindow: [...textsOf(own.window), ...textsOf(own.windows)],
    schedule: textOf(own.schedule),
    every: textOf(own.every),
    ...stepWords(readSteps(own.steps), schema),
    keep: Object.entries(rawOf(policy.keep)).map(([target, counts]) => writeKeep(target, counts)),
  };
}
