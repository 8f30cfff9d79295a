const esc = '\x1b[';

/**
 * What terminals understand, all of them the same: the ANSI core of ECMA-48. It stands in place of a terminfo entry, so that no name a
 * client sends is ever looked up in a file, no string of such a file is compiled, and nothing depends on which are installed.
 */
const strings = {
  cup: (row: number, column: number) => `${esc}${row + 1};${column + 1}H`,
  cuf: (columns: number) => `${esc}${columns}C`,
  csr: (top: number, bottom: number) => `${esc}${top + 1};${bottom + 1}r`,
  il: (rows: number) => `${esc}${rows}L`,
  dl: (rows: number) => `${esc}${rows}M`,
  clear: () => `${esc}H${esc}2J`,
} as const;

/** What the screen itself takes care of, beside its frames. */
const silent = ['sc', 'rc', 'civis', 'cnorm', 'smcup', 'rmcup', 'keypad_xmit', 'keypad_local'] as const;

/** The same as blessed's `tput`, which makes strings, and its `put`, which sends them. */
export function terminalStrings(send: (text: string) => void): { tput: object; put: object } {
  const quiet = Object.fromEntries(silent.map((name) => [name, () => '']));
  const put = Object.fromEntries(
    Object.entries(strings).map(([name, make]) => [
      name,
      (...numbers: [number, number]) => send((make as (...of: number[]) => string)(...numbers)),
    ]),
  );
  return { tput: { ...description, ...strings, ...quiet }, put: { ...quiet, ...put } };
}

/** What blessed asks a description for. Lines are sent as the letters they are: no alternate character set, no fallback to ASCII. */
const description = {
  unicode: true,
  brokenACS: true,
  colors: 256,
  numbers: { U8: 1 },
  bools: { back_color_erase: true },
  acscr: {},
  utoa: {},
  strings: { parm_right_cursor: true, change_scroll_region: true, delete_line: true, insert_line: true },
};
