import type { Plain } from '@holdfast/api';
import type { Objective, Policy, PolicyStep, PolicyWorkflow, Selector } from '../../model/policies/contract.ts';
import { type KeepCounts, periodRules } from '../../model/retention/keep.ts';
import { type PlainValue, type Spot, toPlain } from '../located.ts';
import { most } from './bounds.ts';
import { duration, when, windows } from './read-times.ts';
import { kindOf, ordinary, type Placed, type Reader } from './reader.ts';

const policyKeys = [
  'title',
  'protect',
  'objective',
  'window',
  'windows',
  'jitter',
  'catchUp',
  'paused',
  'workflows',
  'keep',
] as const;
const workflowKeys = ['schedule', 'every', 'window', 'windows', 'steps'] as const;
const selectorKeys = ['endpoint', 'endpoints', 'names', 'tags', 'folders', 'except'] as const;
const keepKeys = ['last', ...periodRules] as const;

const dayMs = 86_400_000;
const yearMs = 366 * dayMs;

/** Share of the data that is thought to change in a day where nothing says otherwise. */
const defaultChange = 0.05;

/** Reads one policy. Where something is refused a default stands in its place: the caller asks the reader for problems. */
export function readPolicy(reader: Reader, placed: Placed & { readonly name: string; readonly key: Spot }): Policy {
  const fields = reader.map(placed, policyKeys) ?? new Map();
  const title = fields.get('title');
  const protect = fields.get('protect');
  const workflows = fields.get('workflows');
  const jitter = fields.get('jitter');
  if (protect === undefined)
    reader.refuse(
      placed.key,
      placed.path,
      'the setting "protect" is missing: `protect: { names: \'*\' }` is every machine',
    );
  if (workflows === undefined) reader.refuse(placed.key, placed.path, 'the setting "workflows" is missing');
  const catchUp = fields.get('catchUp');
  const paused = fields.get('paused');
  return {
    name: placed.name,
    title: title === undefined ? null : readTitle(reader, title),
    protect: protect === undefined ? nothing : readSelector(reader, protect),
    objective: readObjective(reader, fields.get('objective')),
    windows: windows(reader, fields) ?? [],
    jitterMs: jitter === undefined ? 0 : (duration(reader, jitter, 0, dayMs, 'at most 1d') ?? 0),
    catchUp: catchUp === undefined ? true : reader.flag(catchUp, true),
    isPaused: paused === undefined ? false : reader.flag(paused, false),
    workflows: workflows === undefined ? [] : readWorkflows(reader, workflows),
    keep: readKeep(reader, fields.get('keep')),
  };
}

const nothing: Selector = { endpoints: [], names: [], tags: [], folders: [], except: [] };

function readTitle(reader: Reader, placed: Placed): string | null {
  const text = reader.text(placed, 'one line of text');
  if (text === null || (text.length <= most.title && !/[\r\n]/.test(text))) return text;
  return reader.refuse(placed.node.spot, placed.path, `must be one line of at most ${most.title} characters`);
}

function readSelector(reader: Reader, placed: Placed): Selector {
  const fields = reader.map(placed, selectorKeys);
  if (fields === null) return nothing;
  const all = (key: (typeof selectorKeys)[number], what: string): readonly string[] => {
    const found = fields.get(key);
    return found === undefined ? [] : reader.texts(found, what);
  };
  if (fields.size === 0)
    reader.refuse(placed.node.spot, placed.path, "says nothing: `protect: { names: '*' }` is every machine");
  return {
    endpoints: [
      ...new Set([...all('endpoint', 'the name of an endpoint'), ...all('endpoints', 'the name of an endpoint')]),
    ],
    names: all('names', 'a name, with * and ?'),
    tags: all('tags', 'a tag'),
    folders: all('folders', 'a folder like /prod/web'),
    except: all('except', 'a name, with * and ?'),
  };
}

function readObjective(reader: Reader, placed: Placed | undefined): Objective {
  const fields = placed === undefined ? null : reader.map(placed, ['rpo', 'rto', 'change']);
  const time = (key: string): number | null => {
    const found = fields?.get(key);
    return found === undefined ? null : duration(reader, found, 60_000, yearMs, 'from 1m to 366d');
  };
  const change = fields?.get('change');
  return {
    rpoMs: time('rpo'),
    rtoMs: time('rto'),
    changePerDay: change === undefined ? defaultChange : (readShare(reader, change) ?? defaultChange),
  };
}

/** A share of one: `5%`, `0.05`. */
function readShare(reader: Reader, { node, path }: Placed): number | null {
  const value = node.kind === 'scalar' ? node.value : null;
  const match = typeof value === 'string' ? /^(\d{1,3}(?:\.\d{1,6})?)\s*%$/.exec(value.trim()) : null;
  const share = typeof value === 'number' ? value : match === null ? Number.NaN : Number(match[1]) / 100;
  if (share >= 0 && share <= 1) return share;
  return reader.refuse(node.spot, path, 'must be a share of the data that changes in a day: 5% or 0.05');
}

function readWorkflows(reader: Reader, placed: Placed): readonly PolicyWorkflow[] {
  const named = reader.named(placed, 'workflows', most.workflows);
  const entries = placed.node.kind === 'map' ? placed.node.entries.size : 0;
  if (entries === 0) reader.refuse(placed.node.spot, placed.path, 'has no workflow: nothing would be protected');
  return named.map((workflow) => {
    const fields = reader.map(workflow, workflowKeys) ?? new Map();
    const steps = fields.get('steps');
    if (steps === undefined) reader.refuse(workflow.key, workflow.path, 'the setting "steps" is missing');
    return {
      name: workflow.name,
      when: when(reader, fields),
      windows: windows(reader, fields),
      steps: steps === undefined ? [] : readSteps(reader, steps),
    };
  });
}

function readSteps(reader: Reader, placed: Placed): readonly PolicyStep[] {
  const { node, path } = placed;
  if (node.kind !== 'list' || node.items.length === 0) {
    reader.refuse(node.spot, path, 'must be a list of steps, like `[ snapshot, { proxy: { to: TARGET } } ]`');
    return [];
  }
  return reader.list(placed, most.steps).flatMap((step) => readStep(reader, step) ?? []);
}

function readStep(reader: Reader, placed: Placed): PolicyStep | null {
  const { node, path } = placed;
  if (node.kind === 'scalar') {
    const use = reader.text(placed, 'the name of a technique');
    return use === null ? null : { use, settings: {} };
  }
  const [first, ...more] = node.kind === 'map' ? node.entries : [];
  if (first === undefined || more.length > 0)
    return reader.refuse(
      node.spot,
      path,
      more.length > 0
        ? 'has several techniques: write each as a step of its own, `- snapshot: …`'
        : 'must be the name of a technique, or a map with that one key',
    );
  const [use, { value }] = first;
  if (value.kind === 'scalar' && value.value === null) return { use, settings: {} };
  if (value.kind !== 'map')
    return reader.refuse(value.spot, [...path, use], `must be a map of settings, and is ${kindOf(value)}`);
  return { use, settings: settingsOf(ordinary(toPlain(value))) };
}

const settingsOf = (value: PlainValue): Readonly<Record<string, Plain>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

function readKeep(reader: Reader, placed: Placed | undefined): Readonly<Record<string, KeepCounts>> {
  if (placed === undefined) return {};
  const keep: Record<string, KeepCounts> = {};
  for (const target of reader.named(placed, 'targets', most.words)) {
    const counts: Record<string, number> = {};
    for (const [rule, value] of reader.map(target, keepKeys) ?? []) {
      const count = reader.count(value);
      if (count !== null) counts[rule] = count;
    }
    keep[target.name] = counts;
  }
  return keep;
}
