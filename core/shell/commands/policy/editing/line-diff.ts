/** A line of a text that was changed. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Lines before and after what changed that are shown too. */
const around = 2;
/** More is not compared line by line: what went, then what came. */
const mostCompared = 1_000_000;

/** The lines that differ between two texts, with some of those around them; a gap is an empty line of kind `same`. Empty when nothing differs. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [old, fresh] = [before, after].map((text) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))) as [
    string[],
    string[],
  ];
  let top = 0;
  while (top < old.length && top < fresh.length && old[top] === fresh[top]) top += 1;
  let end = 0;
  while (end < old.length - top && end < fresh.length - top && old.at(-1 - end) === fresh.at(-1 - end)) end += 1;
  const middle = compared(old.slice(top, old.length - end), fresh.slice(top, fresh.length - end));
  if (middle.length === 0) return [];
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  return [
    ...old.slice(Math.max(0, top - around), top).map(same),
    ...shortened(middle),
    ...old.slice(old.length - end, old.length - end + around).map(same),
  ];
}

/** Longest common subsequence, so that lines that stay are shown as such. */
function compared(old: readonly string[], fresh: readonly string[]): readonly DiffLine[] {
  const removed = old.map((text): DiffLine => ({ kind: 'removed', text }));
  const added = fresh.map((text): DiffLine => ({ kind: 'added', text }));
  if (old.length * fresh.length > mostCompared) return [...removed, ...added];
  const width = fresh.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = fresh.length - 1; column >= 0; column--) {
      lengths[row * width + column] =
        old[row] === fresh[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < fresh.length) {
    const isSame = row < old.length && column < fresh.length && old[row] === fresh[column];
    if (isSame) {
      lines.push({ kind: 'same', text: old[row] ?? '' });
      row += 1;
      column += 1;
    } else if (column >= fresh.length || (row < old.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push(removed[row++] as DiffLine);
    } else lines.push(added[column++] as DiffLine);
  }
  return lines;
}

/** Long stretches that stay are cut to what stands beside a change. */
function shortened(lines: readonly DiffLine[]): readonly DiffLine[] {
  const isNear = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== 'same'),
  );
  return lines.flatMap((line, index) => {
    if (isNear[index] === true) return [line];
    return isNear[index - 1] === true ? [{ kind: 'same' as const, text: '' }] : [];
  });
}
