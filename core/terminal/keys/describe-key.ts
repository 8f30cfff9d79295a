import { type SafeText, safeText } from '../../model/text/safe-text.ts';
import { keyName } from './key-name.ts';

/** Signs that everybody reads, where there are any; the other keys are called by their names. */
const short: ReadonlyMap<string, string> = new Map([
  ['enter', '⏎'],
  ['up', '↑'],
  ['down', '↓'],
  ['left', '←'],
  ['right', '→'],
  ['escape', 'esc'],
  ['delete', 'del'],
  ['insert', 'ins'],
  ['pageup', 'pgup'],
  ['pagedown', 'pgdn'],
]);

const oneKey = (name: string): string => {
  const key = keyName(name);
  const [, before = '', base = key] = /^((?:(?:ctrl|alt|shift)\+)*)(.+)$/.exec(key) ?? [];
  const shown = short.get(base) ?? (/^f\d+$/.test(base) ? base.toUpperCase() : base);
  if (before === 'ctrl+' && (base.length === 1 || short.has(base))) return `^${shown.toUpperCase()}`;
  return before + shown;
};

/** Keys for the footer and for help: `enter` is `⏎`, `ctrl+k ctrl+s` is `^K ^S`, `up/down` is `↑↓`, `g/home` is `g home`. */
export function describeKey(key: string): SafeText {
  const alternatives = key.length > 1 ? key.split('/').filter((part) => part !== '') : [key];
  const shown = alternatives.map((one) =>
    one
      .split(' ')
      .filter((part) => part !== '')
      .map(oneKey)
      .join(' '),
  );
  const isArrows = shown.every((one) => /^[←→↑↓]$/u.test(one));
  return safeText(shown.length === 0 ? key : shown.join(isArrows ? '' : ' '), 64);
}
