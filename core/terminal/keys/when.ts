import type { Plain } from '@holdfast/api';
import { own } from '../../shell/render/own.ts';
import { type Comparison, parseWhenTree, type WhenNode } from './when-parse.ts';

/** What conditions can ask for, by name. */
export type Context = Readonly<Record<string, Plain>>;

/** A condition under which a key, a view or a step counts. */
export interface When {
  /** As it is written. */
  readonly text: string;
  readonly tree: WhenNode;
  evaluate(context: Context): boolean;
}

/**
 * Reads a condition: names, numbers, texts in quotes, `true`, `false`, `==`, `!=`, `>`, `<`, `>=`, `<=`, `!`, `&&`, `||`, parentheses.
 * A name that stands alone asks whether it is there and neither `false`, 0, empty text nor an empty list. A name that is not there equals nothing.
 * Only numbers are greater or smaller; a list counts as its length there.
 * @param text At most 1,000 letters.
 * @throws {HoldfastError} `KEYS_INVALID` naming the letter at which it is not understood.
 */
export function parseWhen(text: string): When {
  const tree = parseWhenTree(text);
  return { text, tree, evaluate: (context) => isTrue(valueIn(tree, context)) };
}

const isTrue = (value: Plain): boolean => (Array.isArray(value) ? value.length > 0 : value !== '' && Boolean(value));

function valueIn(node: WhenNode, context: Context): Plain {
  switch (node.kind) {
    case 'name':
      return own(context, node.name);
    case 'value':
      return node.value;
    case 'not':
      return !isTrue(valueIn(node.of, context));
    case 'and':
      return node.parts.every((part) => isTrue(valueIn(part, context)));
    case 'or':
      return node.parts.some((part) => isTrue(valueIn(part, context)));
    case 'compare':
      return compare(node.how, valueIn(node.left, context), valueIn(node.right, context));
  }
}

const isScalar = (value: Plain): boolean => ['string', 'number', 'boolean'].includes(typeof value);

function numberOf(value: Plain): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'number' ? value : Number.NaN;
}

function compare(how: Comparison, left: Plain, right: Plain): boolean {
  switch (how) {
    case '==':
      return isScalar(left) && left === right;
    case '!=':
      return !(isScalar(left) && left === right);
    case '>':
      return numberOf(left) > numberOf(right);
    case '<':
      return numberOf(left) < numberOf(right);
    case '>=':
      return numberOf(left) >= numberOf(right);
    case '<=':
      return numberOf(left) <= numberOf(right);
  }
}
