import type { Progress } from '@holdfast/api';
import { formatBytes, formatRate, formatRatio } from '../../shell/format/numbers.ts';
import { formatDuration } from '../../shell/format/times.ts';

/** How far something is, as a sentence: `reading disk vda, 18.2 GiB of 31.0 GiB, 59 %, 612 MiB/s, 21 s left, held up by source`. */
export function progressWords(progress: Progress): string {
  const { phase, doneBytes, totalBytes, bytesPerSecond, etaMs, bottleneck } = progress;
  const of = totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`;
  return [
    phase,
    ...(doneBytes === undefined ? [] : [`${formatBytes(doneBytes)}${of}`]),
    ...(doneBytes === undefined || totalBytes === undefined || totalBytes <= 0
      ? []
      : [formatRatio(Math.min(1, doneBytes / totalBytes))]),
    ...(bytesPerSecond === undefined || bytesPerSecond <= 0 ? [] : [formatRate(bytesPerSecond)]),
    ...(etaMs === undefined || !Number.isFinite(etaMs) ? [] : [`${formatDuration(etaMs)} left`]),
    ...(bottleneck === undefined ? [] : [`held up by ${bottleneck}`]),
  ].join(', ');
}
