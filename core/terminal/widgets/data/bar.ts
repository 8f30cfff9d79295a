import type { SafeText } from '../../../model/text/safe-text.ts';
import type { Style, Surface } from '../../contract.ts';
import { repeat } from './label.ts';

const full = '█' as SafeText;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;
const done = '━' as SafeText;
const left = '─' as SafeText;

/** A share of one as a bar, to an eighth of a column. What is not nothing can be seen. */
export function barText(share: number, width: number): SafeText {
  const clean = Number.isFinite(share) ? Math.max(0, Math.min(1, share)) : 0;
  const parts = Math.round(clean * width * 8);
  const shown = clean > 0 ? Math.max(1, parts) : parts;
  return `${repeat(full, shown / 8)}${eighths[shown % 8] ?? ''}` as SafeText;
}

/** A thin line of which a part is done: `━━━━━━────`. */
export function drawMeter(surface: Surface, x: number, y: number, width: number, share: number, style: Style): void {
  const clean = Number.isFinite(share) ? Math.max(0, Math.min(1, share)) : 0;
  // Full only when it is: 99.6 per cent are not all.
  const columns = clean === 1 ? width : Math.min(Math.max(0, width - 1), Math.round(clean * width));
  surface.text(x, y, repeat(done, columns), style);
  surface.text(x + columns, y, repeat(left, width - columns), { fg: 'descriptionForeground' });
}
