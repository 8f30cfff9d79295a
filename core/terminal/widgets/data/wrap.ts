import type { SafeText } from '../../../model/text/safe-text.ts';
import { displayWidth, wrapToWidth } from '../../../shell/format/width.ts';
import { lettersOf } from '../../cells/letters.ts';

/** Breaks one word into pieces of at most `columns` columns; a wide letter in one column gets a line of its own. */
function broken(word: SafeText, columns: number): readonly SafeText[] {
  if (displayWidth(word) <= columns) return [word];
  const pieces: string[] = [];
  let piece = '';
  let width = 0;
  for (const letter of lettersOf(word)) {
    if (piece !== '' && width + letter.columns > columns) {
      pieces.push(piece);
      piece = '';
      width = 0;
    }
    piece += letter.char;
    width += letter.columns;
  }
  pieces.push(piece);
  return pieces as SafeText[];
}

/** Breaks a text at blanks, and a word that is too long wherever it must be. At least one line. */
export function wrapText(text: SafeText, columns: number): readonly SafeText[] {
  const room = Math.max(1, columns);
  return wrapToWidth(text, room).flatMap((line) => broken(line as SafeText, room));
}
