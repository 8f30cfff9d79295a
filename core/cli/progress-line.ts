import type { LogLevel, Progress } from '@holdfast/api';
import { safeText } from '../model/text/safe-text.ts';
import { formatBytes, formatRate, formatRatio } from '../shell/format/numbers.ts';
import { formatDuration } from '../shell/format/times.ts';
import { cutToWidth } from '../shell/format/width.ts';
import { paint } from '../shell/render/paint.ts';
import type { TextStyle } from '../shell/render/text-style.ts';
import type { OutStream } from './output.ts';

/** At most so often a line is drawn anew in a terminal. */
const redrawMs = 100;
/** A pipe gets a line only of work that takes long, and then now and then. */
const firstLineMs = 5_000;
const nextLineMs = 10_000;

/** Progress in one line: phase, bytes, share, rate, time left, bottleneck; what is not known is left out. */
export function progressText(progress: Progress): string {
  const { doneBytes, totalBytes, bytesPerSecond, etaMs, bottleneck } = progress;
  const parts: string[] = [safeText(progress.phase)];
  if (doneBytes !== undefined) {
    parts.push(
      totalBytes === undefined ? formatBytes(doneBytes) : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
    );
    if (totalBytes !== undefined && totalBytes > 0) parts.push(formatRatio(Math.min(1, doneBytes / totalBytes)));
  }
  if (bytesPerSecond !== undefined && bytesPerSecond > 0) parts.push(formatRate(bytesPerSecond));
  if (etaMs !== undefined && Number.isFinite(etaMs)) parts.push(`ETA ${formatDuration(etaMs)}`);
  if (bottleneck !== undefined) parts.push(`bottleneck: ${safeText(bottleneck)}`);
  return parts.join('  ');
}

/** Shows log lines and progress of a command while it works: a living last line in a terminal, now and then a line in a pipe. */
export class ProgressLine {
  readonly #stream: OutStream;
  readonly #style: TextStyle;
  readonly #now: () => number;
  readonly #isQuiet: boolean;
  readonly #beganAt: number;
  #shownAt = 0;
  #isDrawn = false;

  /** @param isQuiet Only warnings and errors are shown: the answer is for a program. */
  constructor(stream: OutStream, style: TextStyle, isQuiet: boolean, now: () => number) {
    this.#stream = stream;
    this.#style = style;
    this.#isQuiet = isQuiet;
    this.#now = now;
    this.#beganAt = now();
  }

  log(level: LogLevel, message: string): void {
    const isLoud = level === 'warn' || level === 'error';
    if (level === 'debug' || (this.#isQuiet && !isLoud)) return;
    const text = safeText(message);
    const sign =
      level === 'warn' ? paint('◐ ', 'risk', this.#style) : level === 'error' ? paint('✗ ', 'bad', this.#style) : '';
    this.#write(`${sign}${text}\n`);
  }

  progress(progress: Progress): void {
    if (this.#isQuiet) return;
    const now = this.#now();
    if (this.#style.columns === null) {
      // What has no figures yet tells a log nothing.
      if (progress.doneBytes === undefined || progress.doneBytes === 0) return;
      const isDue = this.#shownAt === 0 ? now - this.#beganAt >= firstLineMs : now - this.#shownAt >= nextLineMs;
      if (!isDue) return;
      this.#shownAt = now;
      this.#write(`  ${progressText(progress)}\n`);
      return;
    }
    if (now - this.#shownAt < redrawMs) return;
    this.#shownAt = now;
    const line = cutToWidth(`  ${progressText(progress)}`, this.#style.columns - 1);
    this.#write(paint(line, 'quiet', this.#style));
    this.#isDrawn = true;
  }

  /** Takes the living line away. */
  clear(): void {
    this.#write('');
  }

  #write(text: string): void {
    if (this.#stream.destroyed || !this.#stream.writable) return;
    const erase = this.#isDrawn ? '\r\x1b[2K' : '';
    this.#isDrawn = false;
    if (erase + text !== '') this.#stream.write(erase + text);
  }
}
