import { isDeepStrictEqual } from 'node:util';
import type { PlainValue } from '../../../../config/located.ts';
import { writtenIn } from '../../../../config/policies/edit.ts';
import { PolicyInvalid } from '../../../../config/policies/problem.ts';
import { readPolicies } from '../../../../config/policies/read.ts';
import { renderValue, type Written } from '../../../../config/policies/written.ts';

/** A policy as a file has it: keys in its own words. @see docs/formats/policies.md */
export type Raw = Written;

export const isRaw = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A policy, or a part of one, while it is changed. */
export type Draft = Record<string, PlainValue | undefined>;

/** What is no map has no keys. */
export const rawOf = (value: unknown): Raw => (isRaw(value) ? value : {});

/** A text or a list of texts, as a list. */
export const textsOf = (value: unknown): readonly string[] =>
  value === undefined || value === null ? [] : (Array.isArray(value) ? value : [value]).map(String);

/**
 * The map without what says nothing: no value, no items, no keys.
 * @param old What was there before. Nothing that is written there stays: `windows: []` of a workflow is another thing than no windows.
 */
export function withoutNothing(map: Draft, old: Raw): Raw {
  const isEmpty = (value: PlainValue): boolean =>
    typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  const stays = (entry: [string, PlainValue | undefined]): entry is [string, PlainValue] => {
    const [key, value] = entry;
    return value !== undefined && (!isEmpty(value) || isDeepStrictEqual(value, ownOf(old, key)));
  };
  return Object.fromEntries(Object.entries(map).filter(stays));
}

const ownOf = (old: Raw, key: string): PlainValue | undefined => (Object.hasOwn(old, key) ? old[key] : undefined);

/**
 * Reads the text of one policy.
 * @param text What stands below the policy's name in a file.
 * @throws `POLICY_INVALID` with all its problems; their lines are those of this text.
 */
export function policyFromText(name: string, text: string): Raw {
  const below = text.split(/\r?\n/).map((line) => `    ${line}`);
  const whole = `policies:\n  ${name}:\n${below.join('\n')}\n`;
  check(name, whole, (line) => Math.max(0, line - 2));
  return writtenIn(whole, name) ?? {};
}

/** @param zone IANA time zone of the file. @throws `POLICY_INVALID` with all its problems: they have keys and no lines. */
export function checkPolicy(name: string, raw: Raw, zone: string): void {
  check(name, renderValue({ zone, policies: { [name]: raw } }, 2), () => 0);
}

function check(name: string, text: string, lineOf: (line: number) => number): void {
  try {
    readPolicies(text, `policy ${name}`);
  } catch (problem) {
    if (!(problem instanceof PolicyInvalid)) throw problem;
    const prefix = `policies.${name}.`;
    throw new PolicyInvalid(
      problem.problems.map((one) => ({
        ...one,
        line: lineOf(one.line),
        key: one.key.startsWith(prefix) ? one.key.slice(prefix.length) : one.key,
      })),
    );
  }
}
