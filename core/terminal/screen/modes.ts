/** What a screen asks of a terminal when it opens, and again when a window changed its size or a stopped program goes on. */
export const enterSequence = [
  // The other screen, without a cursor, rows that wrap, no margins.
  '\x1b[?1049h\x1b[?25l\x1b[?7h\x1b[r',
  // Buttons and dragging, told in numbers (1006): the older forms cannot say columns past 223.
  '\x1b[?1000h\x1b[?1002h\x1b[?1006h',
  // What is pasted comes between marks, not as if it were typed.
  '\x1b[?2004h',
  // Terminals that know it tell Escape from the beginning of a key, and ctrl+shift+p from ctrl+p.
  '\x1b[>1u',
].join('');

/**
 * Gives a terminal back as it was. Whoever starts the program sends it too, when it was killed and could not; sent without need it does no
 * more than move the cursor to where it was when the screen opened.
 */
export const restoreSequence = [
  '\x1b[<u',
  '\x1b[?2004l\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l',
  // Colours, margins and the letter set before the main screen comes back, then the cursor.
  '\x1b[m\x1b[r\x1b(B\x1b[?1049l\x1b[?25h',
].join('');

const unsafeInTitle = /[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** The title of the window, at most 200 letters. The filter is here too: this is the only text that a sequence carries. */
export const titleSequence = (title: string): string => `\x1b]0;${title.replace(unsafeInTitle, '').slice(0, 200)}\x07`;

export const bellSequence = '\x07';
export const showCursor = '\x1b[?25h';
export const hideCursor = '\x1b[?25l';
