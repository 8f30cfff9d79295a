import type { Plain } from '@holdfast/api';
import type { When } from './when.ts';
import type { Scalar, WhenNode } from './when-parse.ts';

/** How two conditions stand to each other. */
export interface Overlap {
  /** There may be a moment in which both hold. */
  readonly canBoth: boolean;
  /** Whenever the second holds the first does too. */
  readonly isCovered: boolean;
}

/** More trials than these are not made: then the answer is that they may meet, which is shown and does no harm. */
const mostTrials = 4096;

/**
 * Tries all values that can make a difference: each constant of the two conditions, what lies between numbers, true, false, nothing, and a text
 * that neither names.
 */
export function overlapOf(first: When | null, second: When | null): Overlap {
  if (first === null) return { canBoth: true, isCovered: true };
  if (second !== null && first.text === second.text) return { canBoth: true, isCovered: true };
  const trees = second === null ? [first.tree] : [first.tree, second.tree];
  const names = new Set<string>();
  const constants = new Set<Scalar>();
  for (const tree of trees) collect(tree, names, constants);
  const values = valuesToTry(constants);
  if (values.length ** names.size > mostTrials) return { canBoth: true, isCovered: false };
  let canBoth = false;
  let isCovered = true;
  for (const context of contexts([...names], values)) {
    if (second !== null && !second.evaluate(context)) continue;
    if (first.evaluate(context)) canBoth = true;
    else isCovered = false;
  }
  return { canBoth, isCovered: canBoth && isCovered };
}

function collect(node: WhenNode, names: Set<string>, constants: Set<Scalar>): void {
  switch (node.kind) {
    case 'name':
      names.add(node.name);
      break;
    case 'value':
      constants.add(node.value);
      break;
    case 'not':
      collect(node.of, names, constants);
      break;
    case 'and':
    case 'or':
      for (const part of node.parts) collect(part, names, constants);
      break;
    case 'compare':
      collect(node.left, names, constants);
      collect(node.right, names, constants);
      break;
  }
}

function valuesToTry(constants: ReadonlySet<Scalar>): readonly Plain[] {
  const numbers = [...constants].filter((value) => typeof value === 'number').toSorted((a, b) => a - b);
  const between = numbers.flatMap((value, index) => {
    const next = numbers[index + 1];
    return next === undefined ? [value, value + 1] : [value, (value + next) / 2];
  });
  const [least] = numbers;
  if (least !== undefined) between.unshift(least - 1);
  const texts = [...constants].filter((value) => typeof value === 'string');
  let other = 'other';
  while (texts.includes(other)) other += '-';
  return [undefined, true, false, other, ...texts, ...between];
}

function* contexts(names: readonly string[], values: readonly Plain[]): Iterable<Readonly<Record<string, Plain>>> {
  const count = values.length ** names.length;
  for (let number = 0; number < count; number++) {
    let rest = number;
    const context: Record<string, Plain> = Object.create(null);
    for (const name of names) {
      context[name] = values[rest % values.length];
      rest = Math.floor(rest / values.length);
    }
    yield context;
  }
}
