/** How text is drawn for one reader. */
export interface TextStyle {
  /** Columns of the terminal; `null` where nothing is cut: a pipe, a file. */
  readonly columns: number | null;
  readonly colour: boolean;
  /** Set where times are told relative to now: a person at a terminal. Epoch milliseconds. */
  readonly now: number | null;
}

/** Plain text for pipes, files and screen readers: no colour, no cutting, exact times. */
export const plainStyle: TextStyle = { columns: null, colour: false, now: null };
