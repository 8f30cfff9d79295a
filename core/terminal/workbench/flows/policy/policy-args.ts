import type { Plain } from '@holdfast/api';
import { valuesOfSet } from '../compose/workflow.ts';
import { type Fields, wordOf, wordsOf } from '../reading.ts';
import { isMeant, type SettingField, settingWord } from '../settings/flatten.ts';
import { keepsOf, type PolicyBase, whenOf } from './base.ts';

/** What a person has typed, section by section. */
export interface TypedPolicy {
  /** Name, template, title, paused, file. */
  readonly head: Fields;
  readonly machines: Fields;
  /** Workflow, target and settings of the steps. */
  readonly work: Fields;
  readonly steps: readonly string[];
  /** Settings that the steps have. */
  readonly settings: readonly SettingField[];
  readonly times: Fields;
  /** Rules by target, `keep.main`. */
  readonly keep: Fields;
}

/** Steps of a workflow of which nothing is said. */
export const usualSteps: readonly string[] = ['snapshot', 'proxy'];

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Collects what differs from what there is, as flags; what was there and is empty now is cleared. */
class Differences {
  readonly args: Record<string, Plain> = {};
  readonly clear: string[] = [];
  readonly #words: Fields;

  constructor(words: Fields) {
    this.#words = words;
  }

  text(name: string, typed: Plain, clears = name): void {
    const value = wordOf(typed);
    if (value === wordOf(this.#words[name])) return;
    if (value === '') this.clear.push(clears);
    else this.args[name] = value;
  }

  list(name: string, typed: Plain): void {
    const value = wordsOf(typed);
    if (same(value, wordsOf(this.#words[name]))) return;
    if (value.length === 0) this.clear.push(name);
    else this.args[name] = value;
  }
}

/** Settings of steps that are not as they were: `snapshot.quiesce=filesystem`, and `snapshot.quiesce=` for one that is taken away. */
function setWords(base: PolicyBase, { settings, work }: TypedPolicy): readonly string[] {
  const before = valuesOfSet(wordsOf(base.words.set));
  return settings.flatMap(({ name, fallback }) => {
    const old = wordOf(before[name]);
    const isThere = isMeant(work[name], undefined);
    const value = isThere ? settingWord(work[name]) : '';
    if (value === old) return [];
    return old === '' && !isMeant(work[name], fallback) ? [] : [`${name}=${value}`];
  });
}

function keepWords(base: PolicyBase, keep: Fields): readonly string[] {
  const before = keepsOf(base.words);
  return Object.entries(keep).flatMap(([name, typed]) => {
    const target = name.slice('keep.'.length);
    const value = wordOf(typed).trim();
    return value === (before.get(target) ?? '') ? [] : [`${target}:${value}`];
  });
}

/** Targets whose rule was there and whose field is empty now. */
const lostKeeps = (base: PolicyBase, keep: Fields, fields: readonly string[]): readonly string[] =>
  [...keepsOf(base.words).keys()].filter(
    (target) => fields.includes(`keep.${target}`) && wordOf(keep[`keep.${target}`]) === '',
  );

/** `every 4h` goes to one flag, anything else to another. */
export function whenArgs(typed: string): Fields {
  const every = /^every\s+(.+)$/i.exec(typed.trim())?.[1];
  return every === undefined ? { schedule: typed.trim() } : { every: every.trim() };
}

/**
 * The arguments of `policy set` that make what is typed of what there is: no more than what differs.
 * @param keepFields Names of the fields for retention that are shown.
 */
export function policyArgs(base: PolicyBase, typed: TypedPolicy, keepFields: readonly string[]): Fields {
  const { head, machines, work, times } = typed;
  const { words } = base;
  const found = new Differences(words);
  found.text('title', head.title);
  for (const name of ['endpoint', 'name', 'tag', 'folder', 'except']) found.list(name, machines[name]);
  for (const name of ['rpo', 'rto', 'jitter']) found.text(name, times[name]);
  found.list('window', times.window);
  const when = wordOf(times.when).trim();
  if (when !== whenOf(words)) {
    if (when === '') found.clear.push('schedule');
    else Object.assign(found.args, whenArgs(when));
  }
  const before = wordsOf(words.steps);
  if (!same(typed.steps, before.length === 0 ? usualSteps : before)) found.args.steps = [...typed.steps];
  const to = wordOf(work.to);
  if (to !== '' && to !== wordOf(words.to)) found.args.to = to;
  const set = setWords(base, typed);
  const keep = [
    ...keepWords(base, typed.keep),
    ...lostKeeps(base, typed.keep, keepFields).map((target) => `${target}:`),
  ];
  const workflow = wordOf(work.workflow);
  return {
    policy: wordOf(head.policy),
    ...pick(head, ['file', 'template']),
    ...found.args,
    ...(workflow === '' || workflow === base.meant ? {} : { workflow }),
    ...(set.length === 0 ? {} : { set }),
    ...(keep.length === 0 ? {} : { keep }),
    ...(head.paused === true && words.paused !== true ? { paused: true } : {}),
    ...(head.paused !== true && words.paused === true ? { resume: true } : {}),
    ...(found.clear.length === 0 ? {} : { clear: found.clear }),
  };
}

const pick = (values: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.flatMap((name) => (wordOf(values[name]) === '' ? [] : [[name, values[name]]])));
