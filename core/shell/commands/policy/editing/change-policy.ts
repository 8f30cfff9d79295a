import { HoldfastError } from '@holdfast/api';
import { type Arguments, isSet, listOf, textOrNull } from '../../../registry/argument-values.ts';
import { readKeep } from './keep-words.ts';
import { meantWorkflow } from './policy-words.ts';
import { type Draft, type Raw, rawOf, withoutNothing } from './raw-policy.ts';
import { changeSteps, readSteps, writeSteps } from './raw-steps.ts';

/** Arguments that are about one workflow. */
const ofWorkflow = ['schedule', 'every', 'steps', 'to', 'quiesce', 'set', 'workflowWindow'];

const has = (args: Arguments, name: string): boolean => {
  const value = args[name];
  return Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value !== '';
};

/** One text reads better as it is than as a list of one. */
function setList(draft: Draft, one: string | null, many: string, texts: readonly string[]): void {
  if (one !== null) delete draft[one];
  delete draft[many];
  if (texts.length === 0) return;
  if (one !== null && texts.length === 1) draft[one] = texts[0];
  else draft[many] = [...texts];
}

/** Machines that were pointed at, as names and, where they say so, endpoints. */
export function machineWords(
  machines: readonly string[],
  endpoints: readonly string[],
): { readonly name: readonly string[]; readonly endpoint: readonly string[] } {
  const parts = machines.map((machine) => {
    const at = machine.indexOf('/');
    const endpoint = machine.slice(0, Math.max(0, at));
    return endpoints.includes(endpoint) ? { endpoint, name: machine.slice(at + 1) } : { endpoint: null, name: machine };
  });
  const known = parts.flatMap(({ endpoint }) => endpoint ?? []);
  return {
    name: [...new Set(parts.map(({ name }) => name))],
    // One that names no endpoint could be on any.
    endpoint: known.length < parts.length ? [] : [...new Set(known)],
  };
}

function changeProtect(old: Raw, args: Arguments, cleared: ReadonlySet<string>, endpoints: readonly string[]): Raw {
  const draft: Draft = { ...old };
  const lists = [
    ['endpoint', 'endpoint', 'endpoints'],
    ['name', null, 'names'],
    ['tag', null, 'tags'],
    ['folder', null, 'folders'],
    ['except', null, 'except'],
  ] as const;
  for (const [name, one, many] of lists) {
    if (has(args, name) || cleared.has(name)) setList(draft, one, many, listOf(args, name));
  }
  if (has(args, 'machine')) {
    const pointed = machineWords(listOf(args, 'machine'), endpoints);
    setList(draft, null, 'names', [...listOf(args, 'name'), ...pointed.name]);
    if (!has(args, 'endpoint')) setList(draft, 'endpoint', 'endpoints', pointed.endpoint);
  }
  return withoutNothing(draft, old);
}

function changeObjective(old: Raw, args: Arguments, cleared: ReadonlySet<string>): Raw {
  const draft: Draft = { ...old };
  for (const name of ['rpo', 'rto', 'change']) {
    if (cleared.has(name)) delete draft[name];
    if (has(args, name)) draft[name] = textOrNull(args, name) ?? undefined;
  }
  return withoutNothing(draft, old);
}

function changeKeep(old: Raw, words: readonly string[], isCleared: boolean): Raw {
  const draft: Draft = isCleared ? {} : { ...old };
  for (const word of words) {
    const { target, counts } = readKeep(word);
    if (counts === null) delete draft[target];
    else draft[target] = { ...counts };
  }
  // A target of which nothing is said keeps everything: that is no nothing.
  return draft as Raw;
}

function changeWorkflow(
  old: Raw,
  args: Arguments,
  cleared: ReadonlySet<string>,
  schema: (use: string) => Readonly<Record<string, unknown>>,
): Raw {
  const draft: Draft = { ...old };
  if (has(args, 'schedule') && has(args, 'every')) {
    throw new HoldfastError('USAGE', 'a workflow has --schedule or --every, not both');
  }
  if (cleared.has('schedule') || has(args, 'schedule') || has(args, 'every')) {
    delete draft.schedule;
    delete draft.every;
  }
  if (has(args, 'schedule')) draft.schedule = textOrNull(args, 'schedule') ?? undefined;
  if (has(args, 'every')) draft.every = textOrNull(args, 'every') ?? undefined;
  if (has(args, 'workflowWindow') || cleared.has('workflow-window')) {
    setList(draft, 'window', 'windows', listOf(args, 'workflowWindow'));
  }
  const { steps: _steps, ...rest } = draft;
  const steps = changeSteps(
    readSteps(old.steps),
    {
      steps: has(args, 'steps') ? listOf(args, 'steps') : null,
      to: textOrNull(args, 'to'),
      quiesce: textOrNull(args, 'quiesce'),
      set: listOf(args, 'set'),
    },
    schema,
  );
  return { ...withoutNothing(rest, old), steps: writeSteps(steps) };
}

/** The workflow that is changed; `null` when nothing is said of any. */
function workflowOf(old: Raw, args: Arguments, cleared: ReadonlySet<string>): string | null {
  const named = textOrNull(args, 'workflow');
  const isAbout =
    ofWorkflow.some((name) => has(args, name)) ||
    ['schedule', 'workflow-window', 'workflow'].some((name) => cleared.has(name));
  if (named !== null) return named;
  const hasNone = Object.keys(rawOf(old.workflows)).length === 0;
  if (!isAbout && !hasNone) return null;
  const meant = meantWorkflow(old);
  if (meant !== null) return meant;
  throw new HoldfastError(
    'USAGE',
    `which workflow is meant is not said: ${Object.keys(rawOf(old.workflows)).join(', ')}`,
    {
      remedy: 'add `--workflow NAME`',
    },
  );
}

/**
 * A policy with what the arguments of `policy set` say of it: what they do not name stays as it is.
 * @param old What there is, or the template that is begun from; empty for nothing.
 * @param endpoints Names of the endpoints that are configured.
 * @param schema Settings schema of a technique.
 */
export function changePolicy(
  old: Raw,
  args: Arguments,
  endpoints: readonly string[],
  schema: (use: string) => Readonly<Record<string, unknown>>,
): Raw {
  const cleared = new Set(listOf(args, 'clear'));
  const draft: Draft = { title: undefined, protect: undefined, objective: undefined, ...old };
  if (cleared.has('title')) delete draft.title;
  if (has(args, 'title')) draft.title = textOrNull(args, 'title') ?? undefined;
  draft.protect = changeProtect(rawOf(old.protect), args, cleared, endpoints);
  draft.objective = changeObjective(rawOf(old.objective), args, cleared);
  if (has(args, 'window') || cleared.has('window')) setList(draft, 'window', 'windows', listOf(args, 'window'));
  if (cleared.has('jitter')) delete draft.jitter;
  if (has(args, 'jitter')) draft.jitter = textOrNull(args, 'jitter') ?? undefined;
  if (has(args, 'catchUp')) draft.catchUp = args.catchUp === 'yes';
  if (isSet(args, 'paused')) draft.paused = true;
  if (isSet(args, 'resume')) delete draft.paused;
  const name = workflowOf(old, args, cleared);
  if (name !== null) {
    const workflows: Draft = { ...rawOf(old.workflows) };
    if (cleared.has('workflow')) delete workflows[name];
    else workflows[name] = changeWorkflow(rawOf(workflows[name]), args, cleared, schema);
    delete draft.workflows;
    draft.workflows = workflows as Raw;
  }
  const keep = changeKeep(rawOf(old.keep), listOf(args, 'keep'), cleared.has('keep'));
  delete draft.keep;
  draft.keep = keep;
  return withoutNothing(draft, old);
}
