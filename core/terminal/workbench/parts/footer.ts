import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import type { Surface } from '../../contract.ts';
import { describeKey } from '../../keys/describe-key.ts';
import type { Hint } from '../contract.ts';
import { cut, drawRight, widthOf } from './line.ts';

const gap = 2;

/** As many hints as fit, from the first on; the last two always stay: they lead to all others. */
function fitting(hints: readonly Hint[], room: number): readonly Hint[] {
  const width = ({ key, title }: Hint): number => widthOf(describeKey(key)) + 1 + widthOf(title) + gap;
  const kept = hints.slice(-2);
  let left = room - kept.reduce((sum, hint) => sum + width(hint), 0);
  const first: Hint[] = [];
  for (const hint of hints.slice(0, -2)) {
    left -= width(hint);
    if (left < 0) break;
    first.push(hint);
  }
  return [...first, ...kept];
}

/** Draws the line that names the command which does the same, and the keys that work here. */
export function drawFooter(surface: Surface, commandLine: SafeText | null, hints: readonly Hint[]): void {
  const room = Math.max(surface.width - widthOf(commandLine ?? safeText('')) - 3, Math.floor(surface.width * 0.55));
  let x = surface.width;
  for (const { key, title } of fitting(hints, room).toReversed()) {
    x = drawRight(surface, x, 0, title, { fg: 'descriptionForeground' });
    x = drawRight(surface, x - 1, 0, describeKey(key), { bold: true });
    x -= gap;
  }
  if (commandLine !== null) surface.text(1, 0, cut(commandLine, Math.max(0, x - 1)), { fg: 'textLink.foreground' });
}
