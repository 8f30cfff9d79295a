import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { formatDuration } from '../../../shell/format/times.ts';
import { signs } from '../../../shell/render/paint.ts';
import type { Surface } from '../../contract.ts';
import type { Failure } from '../tasks/failure.ts';
import { cut, drawWrapped } from './line.ts';

const longWait = 5000;

/** Draws that an answer is awaited, and after some seconds how to ask again. */
export function drawWaiting(surface: Surface, what: SafeText, waitedMs: number): void {
  surface.text(2, 1, cut(safeText(`… ${what}`), surface.width - 3), { fg: 'descriptionForeground' });
  if (waitedMs < longWait) return;
  const told = `no answer for ${formatDuration(Math.floor(waitedMs / 1000) * 1000)}: F5 asks again, anything else goes on meanwhile`;
  drawWrapped(surface, 2, 3, told, { fg: 'tone.risk' });
}

/** Draws what went wrong and what to do about it, where there is nothing else to show. */
export function drawFailure(surface: Surface, failure: Failure): void {
  const bad = safeText(`${signs.bad} `);
  surface.text(2, 1, bad, { fg: 'tone.bad', bold: true });
  let y = drawWrapped(surface, 4, 1, `${failure.text} [${failure.code}]`, { fg: 'tone.bad' });
  if (failure.remedy !== null) y = drawWrapped(surface, 4, y + 1, failure.remedy);
  drawWrapped(surface, 4, y + 1, 'F5 tries again.', { fg: 'descriptionForeground' });
}

/** One line above what is shown from before: it could not be brought up to date. */
export function drawStale(surface: Surface, failure: Failure): void {
  const told = safeText(`${signs.bad} not up to date: ${failure.text} [${failure.code}]   F5 tries again`);
  surface.text(0, 0, cut(told, surface.width), { fg: 'tone.bad' });
}
