/** Columns and rows of a terminal. */
export interface WindowSize {
  readonly columns: number;
  readonly rows: number;
}

const most: WindowSize = { columns: 512, rows: 256 };
export const usualSize: WindowSize = { columns: 80, rows: 24 };

/** The size that a client tells, within what a frame can have; 0 means that it does not say (RFC 4254 §6.2). */
export function windowSize(columns: unknown, rows: unknown): WindowSize {
  const within = (value: unknown, usual: number, limit: number): number =>
    typeof value === 'number' && value >= 1 ? Math.min(Math.floor(value), limit) : usual;
  return {
    columns: within(columns, usualSize.columns, most.columns),
    rows: within(rows, usualSize.rows, most.rows),
  };
}
