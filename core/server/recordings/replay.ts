import { setTimeout as wait } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { DrawingOnly } from '../sessions/drawing-only.ts';
import { readEvent } from './asciicast.ts';
import type { ReplayHow } from './contract.ts';

const usualMaxPauseMs = 2_000;
const restored = '\u001b[0m\u001b[?25h\r\n';

/** Shows the events of a recording; its first line is the header. */
export async function replayEvents(
  id: string,
  lines: AsyncIterable<string>,
  show: (text: string) => void | Promise<void>,
  how: ReplayHow,
): Promise<void> {
  const filter = new DrawingOnly();
  const speed = how.speed !== undefined && how.speed > 0 ? how.speed : 1;
  let number = 0;
  let atMs = 0;
  let hasShown = false;
  try {
    for await (const line of lines) {
      number += 1;
      if (number === 1) continue;
      if (how.signal.aborted) return;
      const event = readEvent(line);
      if (event === null || event.atMs < atMs) throw damaged(id, number);
      const pauseMs = Math.min((event.atMs - atMs) / speed, how.maxPauseMs ?? usualMaxPauseMs);
      atMs = event.atMs;
      if (pauseMs >= 1 && !(await pause(pauseMs, how.signal))) return;
      // A size is that of the recorded terminal, not of the one that shows it.
      if (event.kind === 'r') continue;
      hasShown = true;
      await show(event.kind === 'o' ? filter.filter(event.text) : `\r\n${safeText(event.text, 200)}\r\n`);
    }
  } finally {
    if (hasShown) await show(restored);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await wait(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

const damaged = (id: string, line: number): HoldfastError =>
  new HoldfastError('SERVER_FAILED', `the recording ${id} is damaged at line ${line}`, {
    remedy: 'find out who could write to the data folder; what came before this line was shown',
    facts: { recording: id, line },
  });
