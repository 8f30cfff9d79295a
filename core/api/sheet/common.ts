import type { Cost, DiskKind } from './answer.ts';
import { amountOrNull, list, object, oneOf, type Shape, text, yesNo } from './shape.ts';

/** One question of the paper, and what an answer to it looks like. */
export interface Question<T = unknown> {
  /** For the column of a comparison: two to four words. */
  readonly title: string;
  /** The question in the paper's words. */
  readonly question: string;
  /** JSON schema of the answer's value. */
  readonly value: Shape<T>;
}

export const cost: Shape<Cost> = object({
  licence: text,
  paid: yesNo,
  yearlyPerMachine: amountOrNull,
  currency: text,
});

export const diskKinds: Shape<readonly DiskKind[]> = list(oneOf('virtual', 'raw-virtual', 'raw-physical'), 1);
