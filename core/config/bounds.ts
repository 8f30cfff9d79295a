/** Limits of what is read as configuration, so that no file can take more than a moment and a little memory. */
export const bounds = {
  /** Size of one file. */
  fileBytes: 1024 * 1024,
  /** Tokens of YAML's lexer in one file. A configuration of a thousand targets has about 30,000. */
  tokens: 60_000,
  /** Maps and lists in each other. */
  depth: 32,
  /** Values in one file, those that aliases repeat counted each time. */
  values: 20_000,
  /** Problems reported at once. */
  problems: 50,
} as const;

export type Bounds = Readonly<Record<keyof typeof bounds, number>>;
