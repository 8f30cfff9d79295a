import type { Progress, Tone } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { formatDuration } from '../../../shell/format/times.ts';
import { signs } from '../../../shell/render/paint.ts';
import type { Surface } from '../../contract.ts';
import type { ColourToken } from '../../theme/tokens.ts';
import { drawProgress } from '../../widgets/data/progress.ts';
import type { SeenRun } from '../tasks/other-runs.ts';
import type { Task, TaskState } from '../tasks/task.ts';
import { cut, drawRight } from './line.ts';

/** One line of what runs or ended. */
export interface RunRow {
  readonly tone: Tone;
  readonly title: SafeText;
  /** What became of it, while there is no progress to show. */
  readonly told: SafeText;
  readonly right: SafeText;
  readonly progress: Progress | null;
}

const tones: Readonly<Record<TaskState, Tone>> = {
  running: 'active',
  done: 'good',
  partial: 'risk',
  failed: 'bad',
  cancelled: 'quiet',
};

/** Something that this person started. */
export function taskRow(task: Task, now: number): RunRow {
  const isRunning = task.state === 'running';
  const isStopping = isRunning && task.stoppingSince !== null;
  const told = isStopping ? 'stopping safely' : (task.failure?.text ?? (isRunning ? '' : task.state));
  return {
    tone: tones[task.state],
    title: safeText(task.line.replace(/^\S*holdfast\S* /, '')),
    told: safeText(told),
    right: safeText(formatDuration((task.endedAt ?? now) - task.startedAt)),
    progress: isRunning && !isStopping ? task.progress : null,
  };
}

/** A run that somebody else started, or that goes by itself. */
export function seenRow(run: SeenRun, now: number): RunRow {
  const took = run.startedAt === null ? '' : formatDuration(now - run.startedAt);
  return {
    tone: 'active',
    title: safeText(`${run.kind} ${run.machine}`),
    told: safeText(''),
    right: safeText(`${run.who}  ${took}`),
    progress: run.progress,
  };
}

/** Draws a line of the list. A selected one has the accent only while the list has the keys. */
export function drawRunRow(surface: Surface, y: number, row: RunRow, isSelected: boolean, isFocused: boolean): void {
  const isActive = isSelected && isFocused;
  const fg: ColourToken = isActive ? 'list.activeSelectionForeground' : 'editor.foreground';
  const selection: ColourToken = isFocused ? 'list.activeSelectionBackground' : 'list.inactiveSelectionBackground';
  const bg: ColourToken = isSelected ? selection : 'panel.background';
  const tone: ColourToken = isActive ? fg : `tone.${row.tone}`;
  surface.fill(0, y, surface.width, 1, { fg, bg });
  if (isSelected) surface.text(0, y, safeText(isFocused ? '▌' : '▏'), { fg: 'focusBorder', bg });
  surface.text(1, y, safeText(signs[row.tone]), { fg: tone, bg });
  const end = drawRight(surface, surface.width - 1, y, row.right, { fg, bg }) - 2;
  const room = Math.max(10, Math.floor(surface.width * 0.4));
  surface.text(3, y, cut(row.title, room), { fg, bg, bold: isActive });
  const from = room + 5;
  if (row.progress !== null) drawProgress(surface, from, y, Math.max(0, end - from), row.progress);
  else surface.text(from, y, cut(row.told, Math.max(0, end - from)), { fg: tone, bg });
}
