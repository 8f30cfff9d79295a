import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { cutToWidth, displayWidth } from '../../../shell/format/width.ts';
import { lettersOf } from '../../cells/letters.ts';

/** Cuts a safe text to so many columns; what was cut ends in `…`. */
export const cutSafe = (text: SafeText, columns: number): SafeText => cutToWidth(text, columns) as SafeText;

/**
 * Breaks a safe text into lines of at most `columns` columns, at blanks where there are any, inside words where there are none.
 * @param most Lines at most; the last one then ends in `…`.
 */
export function breakLines(text: SafeText, columns: number, most: number): readonly SafeText[] {
  if (columns < 1 || most < 1) return [];
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const end = () => {
    lines.push(line);
    line = '';
    used = 0;
  };
  for (const word of text.split(' ')) {
    const width = displayWidth(word);
    if (line !== '' && used + 1 + width > columns) end();
    else if (line !== '') {
      line += ' ';
      used += 1;
    }
    if (used + width <= columns) {
      line += word;
      used += width;
    } else {
      for (const letter of lettersOf(word as SafeText)) {
        if (used + letter.columns > columns && line !== '') end();
        line += letter.char;
        used += letter.columns;
      }
    }
    if (lines.length > most) break;
  }
  end();
  if (lines.length <= most) return lines as SafeText[];
  const last = `${lines[most - 1] ?? ''}…`;
  const kept = displayWidth(last) <= columns ? last : cutToWidth(last, columns);
  return [...lines.slice(0, most - 1), kept] as SafeText[];
}

/** Several lines of foreign text: line ends count, everything else that acts becomes visible. */
export function breakText(text: string, columns: number, most: number): readonly SafeText[] {
  const lines: SafeText[] = [];
  for (const line of text.slice(0, 8192).split(/\r\n|\n/, most + 1)) {
    if (lines.length >= most) break;
    lines.push(...breakLines(safeText(line), columns, most - lines.length));
  }
  return lines;
}
