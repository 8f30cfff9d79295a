/** Names by the last letter of `CSI … letter` and `SS3 letter`. */
export const keysByLetter: ReadonlyMap<string, string> = new Map([
  ['A', 'up'],
  ['B', 'down'],
  ['C', 'right'],
  ['D', 'left'],
  ['H', 'home'],
  ['F', 'end'],
  ['P', 'f1'],
  ['Q', 'f2'],
  ['R', 'f3'],
  ['S', 'f4'],
]);

/** What the keypad sends in its application mode (`SS3 letter`); the digits and signs type themselves. */
export const keypadByLetter: ReadonlyMap<string, string> = new Map([
  ['M', 'enter'],
  ['I', 'tab'],
  ['X', '='],
  ['j', '*'],
  ['k', '+'],
  ['l', ','],
  ['m', '-'],
  ['n', '.'],
  ['o', '/'],
  ...Array.from({ length: 10 }, (_, digit): [string, string] => [String.fromCharCode(0x70 + digit), `${digit}`]),
]);

/** Names by the number of `CSI number ~`. */
export const keysByNumber: ReadonlyMap<number, string> = new Map([
  [1, 'home'],
  [2, 'insert'],
  [3, 'delete'],
  [4, 'end'],
  [5, 'pageup'],
  [6, 'pagedown'],
  [7, 'home'],
  [8, 'end'],
  ...[11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34].map(
    (code, index): [number, string] => [code, `f${index + 1}`],
  ),
]);

const keypad = '0123456789./*-+'.split('');

/** Names by the code points that the kitty keyboard protocol and modifyOtherKeys give to keys that type nothing. */
export const keysByCode: ReadonlyMap<number, string> = new Map([
  [8, 'backspace'],
  [9, 'tab'],
  [13, 'enter'],
  [27, 'escape'],
  [32, 'space'],
  [127, 'backspace'],
  ...Array.from({ length: 12 }, (_, index): [number, string] => [57376 + index, `f${13 + index}`]),
  ...keypad.map((sign, index): [number, string] => [57399 + index, sign]),
  [57414, 'enter'],
  [57415, '='],
  [57416, ','],
  ...['left', 'right', 'up', 'down', 'pageup', 'pagedown', 'home', 'end', 'insert', 'delete'].map(
    (name, index): [number, string] => [57417 + index, name],
  ),
]);

/** Names of the control characters that are not `ctrl+` and a letter. */
export const keysByControl: ReadonlyMap<number, string> = new Map([
  [0x00, 'ctrl+space'],
  [0x08, 'backspace'],
  [0x09, 'tab'],
  [0x0d, 'enter'],
  [0x1b, 'escape'],
  [0x1c, 'ctrl+\\'],
  [0x1d, 'ctrl+]'],
  [0x1e, 'ctrl+^'],
  [0x1f, 'ctrl+_'],
  [0x7f, 'backspace'],
]);
