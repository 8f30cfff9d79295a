import { displayWidth } from '../../shell/format/width.ts';

/** What stands in the cells of one letter. */
export interface Shown {
  readonly first: string;
  /** What stands in its second cell; `null` when the first one covers it. */
  readonly second: string | null;
}

/** Stands for a letter that terminals do not agree about; one column in all of them. */
const box = '▯';

/**
 * Code points whose width depends on how old the terminal is: Unicode 12 and later made them wide, narrow or zero, and Unicode 11 is what
 * can be counted on. Found by comparing our table (Unicode 17) with that of Unicode 11; a test does so again.
 */
const doubtfulRanges =
  'ad 890 891 897-89f 8ca-8d2 b55 c3c d81 ece 1160-11ff 1734 180f 1abf-1aeb 1dfa 2630-2637 268a-268f 2ffc-2fff 31bb-31bf 31e4 31e5 ' +
  '31ef 4dc0-4dff a82c 10d69-10d6d 10eab-10eff 10f82-10f85 11070-11074 110c2 111cf 11241 113b8-113e2 1171e 1193b-11943 11b60-11b66 ' +
  '11f00-11f5a 13439-13455 1611e-1612f 16fe4-16ff6 187f8-187ff 18af3-18df2 1aff0-1affe 1b11f-1b155 1cf00-1cf46 1d300-1d376 1e08f ' +
  '1e2ae 1e4ec-1e4ef 1e5ee-1e6f5 1f6d6-1f6df 1f6fb-1f6ff 1f7f0 1f90c 1f93b 1f946 1f972 1f977-1f979 1f9a3 1f9a4 1f9ab-1f9ad 1f9cb ' +
  '1f9cc 1fa70-1faff';

/** Ask a terminal to draw a letter differently or to join several; terminals that do not know how show all of them side by side. */
const asking = /\u200c|\u200d|[\ufe00-\ufe0f]|[\u{1f3fb}-\u{1f3ff}]|[\u{e0020}-\u{e007f}]|[\u{e0100}-\u{e01ef}]/gu;
/** Nothing that a cell may hold: unassigned, acting, unseen. */
const unfit = /[\p{C}\p{Zl}\p{Zp}]/u;
const privateUse = /\p{Co}/u;
const flag = /^[\u{1f1e6}-\u{1f1ff}]+$/u;
const mark = /^[\p{Mn}\p{Me}]$/u;
const regionalA = 0x1f1e6;

let doubtful: RegExp | null = null;

function isDoubtful(point: string): boolean {
  doubtful ??= new RegExp(`[${doubtfulRanges.replace(/[0-9a-f]+/g, '\\u{$&}').replaceAll(' ', '')}]`, 'u');
  return doubtful.test(point) || (unfit.test(point) && !privateUse.test(point));
}

const known = new Map<string, Shown>();
const widths = new Map<number, number>();
/** More than any screen shows at once; then both are begun anew, so that hostile names cannot fill memory. */
const most = 4096;

/** Columns that one code point takes in a terminal: 0 for a mark. */
export function pointColumns(code: number): number {
  if (code < 0x300) return 1;
  let width = widths.get(code);
  if (width === undefined) {
    const letter = String.fromCodePoint(code);
    width = mark.test(letter) ? 0 : displayWidth(letter);
    if (widths.size >= most) widths.clear();
    widths.set(code, width);
  }
  return width;
}

/** Columns of what stands in one cell: those of its first code point, the others being marks. */
export const columnsOf = (letter: string): number => pointColumns(letter.codePointAt(0) ?? 0);

/**
 * What is drawn for a letter so that every terminal gives it as many columns as we do. Flags become their two letters, joined emoji the
 * first of them, keycaps their digit; what cannot be had in an agreed width becomes `▯`.
 * @param letter One grapheme.
 * @param columns What it takes in a grid, 1 or 2.
 */
export function shownLetter(letter: string, columns: 1 | 2): Shown {
  const key = columns === 1 ? letter : `2${letter}`;
  let shown = known.get(key);
  if (shown === undefined) {
    shown = decide(letter, columns);
    if (known.size >= most) known.clear();
    known.set(key, shown);
  }
  return shown;
}

function decide(letter: string, columns: 1 | 2): Shown {
  if (flag.test(letter) && columns === 2) return flagLetters(letter);
  const isJoined = letter.includes('\u200d');
  const plain = letter.slice(1).search(asking) < 0 ? letter : stripped(letter);
  const [base = '', ...rest] = Array.from(plain.normalize('NFC'));
  const agreed = base === '' || isDoubtful(base) ? 0 : pointColumns(base.codePointAt(0) ?? 0);
  if (agreed === 0 || agreed > columns) return boxes(columns);
  const second = agreed < columns ? ' ' : null;
  // A family is shown as its first person, a keycap as its digit.
  if (isJoined || second !== null) return { first: base, second };
  const areMarks = rest.every((point) => mark.test(point) && !isDoubtful(point));
  return areMarks ? { first: base + rest.join(''), second } : boxes(columns);
}

const boxes = (columns: 1 | 2): Shown => ({ first: box, second: columns === 2 ? ' ' : null });

/** Without what asks; a letter that consists of nothing else stays as it is. */
function stripped(letter: string): string {
  const first = String.fromCodePoint(letter.codePointAt(0) ?? 0);
  return first + letter.slice(first.length).replace(asking, '');
}

function flagLetters(letter: string): Shown {
  const [first = 'A', second = ' '] = Array.from(letter, (point) =>
    String.fromCharCode(0x41 + (point.codePointAt(0) ?? regionalA) - regionalA),
  );
  return { first, second };
}
