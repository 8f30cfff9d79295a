import type { Progress } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { formatBytes, formatRate, formatRatio } from '../../../shell/format/numbers.ts';
import { formatDuration } from '../../../shell/format/times.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Surface } from '../../contract.ts';
import { drawMeter } from './bar.ts';
import { cut, plain, quiet, textOf } from './label.ts';

const gap = 2;
const leastBar = 10;
const mostBar = 40;

interface Part {
  readonly text: SafeText;
  /** Higher goes first where room is short. */
  readonly priority: number;
}

const isKnown = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value);

function amounts({ doneBytes, totalBytes }: Progress): SafeText | null {
  if (!isKnown(doneBytes)) return null;
  return safeText(
    isKnown(totalBytes) ? `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}` : formatBytes(doneBytes),
  );
}

const shareOf = ({ doneBytes, totalBytes }: Progress): number | null =>
  isKnown(doneBytes) && isKnown(totalBytes) && totalBytes > 0 ? Math.max(0, Math.min(1, doneBytes / totalBytes)) : null;

function partsOf(progress: Progress, share: number | null): readonly Part[] {
  const { bytesPerSecond, etaMs, bottleneck } = progress;
  const parts: (Part | null)[] = [];
  const add = (text: string | null, priority: number): void => {
    parts.push(text === null ? null : { text: safeText(text), priority });
  };
  add(amounts(progress), 3);
  add(isKnown(bytesPerSecond) && bytesPerSecond > 0 ? formatRate(bytesPerSecond) : null, 2);
  add(share === null ? null : formatRatio(share), 0);
  add(isKnown(etaMs) ? `ETA ${formatDuration(etaMs)}` : null, 1);
  add(bottleneck === undefined ? null : `bottleneck: ${textOf(bottleneck, 20)}`, 4);
  return parts.filter((part) => part !== null);
}

/**
 * Draws in one row where work has got to: phase, bytes, rate, a bar with the share, time left, bottleneck. What is not known is left out, and
 * what matters least goes first where room is short.
 */
export function drawProgress(surface: Surface, x: number, y: number, width: number, progress: Progress): void {
  const row = surface.area(x, y, Math.max(0, width), 1);
  const share = shareOf(progress);
  let parts = partsOf(progress, share);
  const phase = textOf(progress.phase, 200);
  const taken = (): number => parts.reduce((sum, { text }) => sum + displayWidth(text) + gap, 0);
  const leastPhase = Math.min(displayWidth(phase), 20);
  const bar = share === null ? 0 : leastBar + gap;
  while (parts.length > 0 && leastPhase + taken() + bar > width) {
    const most = Math.max(...parts.map(({ priority }) => priority));
    if (most === 0) break;
    parts = parts.filter(({ priority }) => priority !== most);
  }
  const room = width - taken();
  const hasBar = share !== null && room - leastPhase >= bar;
  const shownPhase = cut(phase, room - (hasBar ? bar : 0));
  let at = row.text(0, 0, shownPhase, plain) + gap;
  const barWidth = Math.min(mostBar, room - displayWidth(shownPhase) - gap);
  for (const { text, priority } of parts) {
    if (priority === 0 && hasBar && share !== null) {
      drawMeter(row, at, 0, barWidth, share, { fg: 'progressBar.background' });
      at += barWidth + gap;
    }
    at += row.text(at, 0, text, priority === 0 ? plain : quiet) + gap;
  }
}
