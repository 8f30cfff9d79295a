import type { PolicySet } from '../../model/policies/contract.ts';
import { isZone } from '../../model/policies/moment.ts';
import { systemZone } from '../../model/retention/calendar.ts';
import type { LocatedMap } from '../located.ts';
import { parseText } from '../parse-text.ts';
import { problemAt } from '../problem.ts';
import { keySpot } from '../schema/explain.ts';
import { most, policyBounds } from './bounds.ts';
import { PolicyInvalid } from './problem.ts';
import { readPolicy } from './read-policy.ts';
import { blackouts } from './read-times.ts';
import { type Placed, Reader } from './reader.ts';

/** A text of policies that is valid by itself. The same shape as `WantedPolicies` of the engine. */
export interface ReadPolicies {
  /** As it was given, byte for byte. */
  readonly text: string;
  /** Absolute path of the file, for people. */
  readonly source: string;
  readonly set: PolicySet;
}

/**
 * Reads a text of policies. An empty one holds no policies.
 * @param source Absolute path of the file, or a word for where it came from; it stands in each problem.
 * @throws {PolicyInvalid} `POLICY_INVALID` with all its problems, each with line and column.
 * @see docs/formats/policies.md
 */
export function readPolicies(text: string, source: string): ReadPolicies {
  const tree = treeOf(text, source);
  if (tree === null) return { text, source, set: { zone: systemZone(), blackouts: [], policies: [] } };
  const reader = new Reader();
  const fields = reader.map({ node: tree, path: [] }, ['zone', 'blackouts', 'policies']) ?? new Map();
  const zone = readZone(reader, fields.get('zone'));
  const named = fields.get('policies');
  const set: PolicySet = {
    zone,
    blackouts: blackouts(reader, fields.get('blackouts'), zone),
    policies: (named === undefined ? [] : reader.named(named, 'policies', most.policies)).map((placed) =>
      readPolicy(reader, placed),
    ),
  };
  if (reader.problems.length > 0)
    throw new PolicyInvalid(reader.problems.toSorted((a, b) => a.line - b.line || a.column - b.column));
  return { text, source, set };
}

/** Whether a text that was read before says in which zone its times are; else whoever reads it has his own. */
export const saysZone = ({ text, source }: Pick<ReadPolicies, 'text' | 'source'>): boolean =>
  treeOf(text, source)?.entries.has('zone') ?? false;

function readZone(reader: Reader, placed: Placed | undefined): string {
  const zone = placed === undefined ? systemZone() : reader.text(placed, 'an IANA time zone like Europe/London');
  if (zone === null) return 'UTC';
  if (isZone(zone)) return zone;
  if (placed !== undefined)
    reader.refuse(
      placed.node.spot,
      placed.path,
      'there is no such time zone: give it by its IANA name, for example Europe/London',
    );
  return 'UTC';
}

/** The tree of a text; `null` when it is empty. */
function treeOf(text: string, source: string): LocatedMap | null {
  const { value, problems } = parseText(text, 'yaml', { layer: 'given', place: source }, policyBounds);
  if (problems.length > 0) throw new PolicyInvalid(problems);
  if (value === null || (value.kind === 'scalar' && value.value === null)) return null;
  if (value.kind === 'map') return value;
  throw new PolicyInvalid([problemAt(value.spot, [], 'must be a map with the key `policies`')]);
}

/** A problem of policies that were read without one: a technique or target that is not there. It gets the line and column of what it is about. */
export interface PlacedProblem {
  /** Keys from the top: `['policies', 'gold', 'workflows', 'backup', 'steps', '0']`. */
  readonly path: readonly string[];
  readonly message: string;
  readonly nearest?: string;
}

/** `POLICY_INVALID` for problems of a text that was read before. */
export function refusePolicies(
  { text, source }: Pick<ReadPolicies, 'text' | 'source'>,
  found: readonly PlacedProblem[],
): PolicyInvalid {
  const tree = treeOf(text, source);
  const nowhere = { layer: 'given', place: source, line: 1, column: 1 } as const;
  return new PolicyInvalid(
    found
      .slice(0, policyBounds.problems)
      .map(({ path, message, nearest }) =>
        problemAt(tree === null ? nowhere : keySpot(tree, path), path, message, nearest),
      ),
  );
}
