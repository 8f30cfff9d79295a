import { HoldfastError } from '@holdfast/api';
import type { Catalog, PolicySetRow } from '../../catalog/contract.ts';
import type { AppliedPolicies } from './contract.ts';

/** What was read of each catalog's newest set: its text never changes, so it is read once. */
const known = new WeakMap<Catalog, AppliedPolicies>();

/**
 * The policies that are in force; `null` when none were ever applied.
 * @throws {HoldfastError} `POLICY_INVALID` when what was applied cannot be read any more: a newer version applied it.
 */
export async function policiesInForce(catalog: Catalog): Promise<AppliedPolicies | null> {
  const row = await catalog.policies.applied();
  if (row === null) return null;
  const before = known.get(catalog);
  if (before !== undefined && before.id === row.id && before.text === row.text) return before;
  const read = await readApplied(row);
  known.set(catalog, read);
  return read;
}

/** Reads a set of the history. What reads YAML is loaded when there is some to read. */
export async function readApplied({ id, text, source, who, at }: PolicySetRow): Promise<AppliedPolicies> {
  const { readPolicies } = await import('../../config/policies/read.ts');
  try {
    return { id, text, source, who, at, set: readPolicies(text, source).set };
  } catch (cause) {
    throw new HoldfastError(
      'POLICY_INVALID',
      `the policies that were applied as number ${id} cannot be read by this version`,
      {
        remedy: 'apply a file that this version reads: `holdfast plan -f FILE` says what is wrong with it',
        facts: { applied: id },
        cause,
      },
    );
  }
}
