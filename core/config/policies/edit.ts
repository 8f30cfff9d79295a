import { isDeepStrictEqual } from 'node:util';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Policy } from '../../model/policies/contract.ts';
import { type PlainValue, toPlain } from '../located.ts';
import { parseText } from '../parse-text.ts';
import { policyBounds } from './bounds.ts';
import { editsBetween } from './edits.ts';
import { type ReadPolicies, readPolicies } from './read.ts';
import { ordinary } from './reader.ts';
import { CannotSplice, splice } from './splice.ts';
import { renderValue, type Written } from './written.ts';

/**
 * Puts a policy into a text of policies, replaces one, or takes one away (`undefined`). Each byte outside of that policy stays; within it, all that does not
 * change. Taking away what is not there changes nothing.
 * @param value The policy in the words of the file, `{ protect: { names: ['web-*'] }, workflows: { … } }`; `writtenPolicy` makes it from a `Policy`.
 * @throws {HoldfastError} `POLICY_INVALID` when the text or the policy is not valid; `UNSUPPORTED` when the text is written in a way (aliases, mostly) that
 * cannot be changed without changing more: then nothing was changed.
 */
export function setPolicyInText(text: string, name: string, value: Written | undefined): string {
  const before = readPolicies(text, 'the policies');
  const { policies } = before.set;
  const old = writtenIn(text, name);
  if (value === undefined) {
    if (old === null) return text;
    const path = policies.length === 1 ? ['policies'] : ['policies', name];
    const rest = policies.filter((known) => known.name !== name);
    return proven(before, rest, () => splice(text, { path, value: policies.length === 1 ? {} : undefined }));
  }
  const wanted = asWritten(before, name, value);
  if (old === null) return proven(before, [...policies, wanted], () => added(text, name, value));
  const after = policies.map((known) => (known.name === name ? wanted : known));
  const changed = (areWords: boolean): string =>
    proven(before, after, () =>
      editsBetween(old, clean(value), areWords).reduce(
        (done, { path, value }) => splice(done, { path: ['policies', name, ...path], value }),
        text,
      ),
    );
  try {
    return changed(true);
  } catch (problem) {
    // A word may have an anchor, while its list can be written anew.
    if (!isHoldfastError(problem, 'UNSUPPORTED')) throw problem;
    return changed(false);
  }
}

/** A policy of a text in the words of the file, aliases followed; `null` when it is not there. */
export function writtenIn(text: string, name: string): Written | null {
  const { value } = parseText(text, 'yaml', { layer: 'given', place: '' }, policyBounds);
  const tree = value === null ? null : ordinary(toPlain(value));
  const policies = isMap(tree) ? tree.policies : null;
  const policy = isMap(policies) && Object.hasOwn(policies, name) ? policies[name] : undefined;
  return policy === undefined ? null : isMap(policy) ? policy : {};
}

const isMap = (value: PlainValue | undefined): value is Record<string, PlainValue> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Without keys that say nothing, and without prototypes that would make equal things differ. */
const clean = (value: Written): Written => ordinary(JSON.parse(JSON.stringify(value))) as Written;

/** The policy as it is when it has been written and read back: what is wrong with it is found before the text is touched. */
function asWritten({ set }: ReadPolicies, name: string, value: Written): Policy {
  const text = renderValue({ zone: set.zone, policies: { [name]: clean(value) } }, 2);
  const [read] = readPolicies(text, `policy ${name}`).set.policies;
  if (read === undefined) throw new Error(`policy ${name} was lost when it was written`);
  return read;
}

function added(text: string, name: string, value: Written): string {
  if (!isBlank(text)) return splice(text, { path: ['policies', name], value: clean(value) });
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const gap = text === '' || text.endsWith('\n') ? '' : newline;
  return `${text}${gap}${renderValue({ policies: { [name]: clean(value) } }, 2).replaceAll('\n', newline)}${newline}`;
}

/** Whether a text holds nothing, or comments only. */
const isBlank = (text: string): boolean => text.split('\n').every((line) => /^\s*(?:#.*)?$/.test(line));

/** Reads the new text back: it must say what the old one said and the change, nothing else. */
function proven(before: ReadPolicies, policies: readonly Policy[], change: () => string): string {
  try {
    const text = change();
    const after = readPolicies(text, before.source);
    if (isDeepStrictEqual(after.set.policies.map(unordered), policies.map(unordered)))
      if (isDeepStrictEqual({ ...after.set, policies }, { ...before.set, policies })) return text;
    throw byHand();
  } catch (problem) {
    const isOurs = problem instanceof HoldfastError && problem.code === 'POLICY_INVALID';
    throw problem instanceof CannotSplice || isOurs ? byHand(problem) : problem;
  }
}

/** In which order workflows stand says nothing: one that is new stands behind the others. */
const unordered = (policy: Policy): Policy => ({
  ...policy,
  workflows: policy.workflows.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
});

function byHand(cause?: unknown): HoldfastError {
  return new HoldfastError(
    'UNSUPPORTED',
    'the policies are written in a way that cannot be changed in one place only',
    {
      remedy: 'change the file by hand; anchors and aliases are mostly the reason',
      cause,
    },
  );
}
