import type { Bounds } from '../bounds.ts';

/** Limits of what is read as policies. Words and signs are what costs: 200,000 of them are read in well under a second. */
export const policyBounds: Bounds = {
  fileBytes: 1024 * 1024,
  tokens: 200_000,
  depth: 32,
  values: 100_000,
  problems: 50,
};

/** How many there may be of each. */
export const most = {
  policies: 1_000,
  workflows: 20,
  steps: 64,
  words: 1_000,
  windows: 100,
  blackouts: 1_000,
  count: 100_000,
  title: 200,
  word: 1_024,
} as const;
