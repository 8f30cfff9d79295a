import { BOLD, DIM, type Grid, INVERSE, UNDERLINE } from '../../../core/terminal/cells/grid.ts';
import { colourTokens } from '../../../core/terminal/theme/tokens.ts';

const signs: readonly [number, string][] = [
  [BOLD, 'bold'],
  [DIM, 'dim'],
  [UNDERLINE, 'underline'],
  [INVERSE, 'inverse'],
];

/**
 * A screen as stable text, for `toMatchSnapshot` and `toMatchFileSnapshot`: a ruler line with the size, then each row between bars, so that
 * the width shows. Takes a `Grid`, an emulator, or any rows.
 */
export function snapshot(shown: Grid | { text(): string } | readonly string[], width?: number): string {
  let rows: readonly string[];
  if ('chars' in shown) rows = Array.from({ length: shown.height }, (_, y) => shown.row(y));
  else if ('text' in shown) rows = shown.text().split('\n');
  else rows = shown;
  const columns = width ?? ('width' in shown ? shown.width : Math.max(0, ...rows.map((row) => row.length)));
  const lines = rows.map((row) => `|${row.trimEnd()}`);
  return [`${columns} x ${rows.length}`, ...lines, ''].join('\n');
}

/** How the cells of a row of a grid look, as runs: `0-4 tone.good on editor.background bold`. For tests of colours. */
export function looks(grid: Grid, y: number): string[] {
  const runs: string[] = [];
  const lookAt = (x: number): string => {
    const at = y * grid.width + x;
    const flags = signs.filter(([flag]) => ((grid.flags[at] ?? 0) & flag) !== 0).map(([, sign]) => ` ${sign}`);
    return `${colourTokens[grid.fg[at] ?? 0]} on ${colourTokens[grid.bg[at] ?? 0]}${flags.join('')}`;
  };
  for (let from = 0; from < grid.width; ) {
    const look = lookAt(from);
    let to = from;
    while (to + 1 < grid.width && lookAt(to + 1) === look) to += 1;
    runs.push(`${from}-${to} ${look}`);
    from = to + 1;
  }
  return runs;
}
