/** A client may say any size; memory is taken for what a window can have. */
const most = { columns: 1000, rows: 500, cells: 160_000 };
/** For those who do not say, such as scripts that ask for a terminal. */
const usual = { columns: 80, rows: 24 };

const within = (said: number, usually: number, limit: number): number =>
  Number.isInteger(said) && said > 0 ? Math.min(said, limit) : usually;

/** The size of a terminal, as far as it is drawn on. */
export function sizeOf(tty: { readonly columns: number; readonly rows: number }): { columns: number; rows: number } {
  const columns = within(tty.columns, usual.columns, most.columns);
  const rows = within(tty.rows, usual.rows, most.rows);
  return { columns, rows: Math.min(rows, Math.floor(most.cells / columns)) };
}
