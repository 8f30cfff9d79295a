import type { Progress, Tone } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { formatDuration } from '../../../shell/format/times.ts';
import { signs } from '../../../shell/render/paint.ts';
import type { Key, Mouse, Surface, Widget } from '../../contract.ts';
import type { ColourToken } from '../../theme/tokens.ts';
import { drawProgress } from '../../widgets/data/progress.ts';
import type { SeenRun } from '../work/other-runs.ts';
import type { Task, TaskState } from '../work/task.ts';
import type { TaskList } from '../work/task-list.ts';
import { cut, drawRight, widthOf } from './line.ts';

/** A line of the list: something of this person's, or a run of somebody else. */
export type RunLine = { readonly kind: 'task'; readonly task: Task } | { readonly kind: 'run'; readonly run: SeenRun };

/** What can be done from the list. */
export interface RunsListParts {
  readonly tasks: TaskList;
  others(): readonly SeenRun[];
  now(): number;
  invalidate(): void;
  onOpen(line: RunLine): void;
  onCancel(line: RunLine): void;
}

const tones: Readonly<Record<TaskState, Tone>> = {
  running: 'active',
  done: 'good',
  partial: 'risk',
  failed: 'bad',
  cancelled: 'quiet',
};
const colours: Readonly<Record<Tone, ColourToken>> = {
  good: 'tone.good',
  risk: 'tone.risk',
  bad: 'tone.bad',
  active: 'tone.active',
  quiet: 'tone.quiet',
};

/** What runs, of this person and of others, and what ended lately. */
export class RunsList implements Widget {
  readonly #parts: RunsListParts;
  #selected = 0;
  #top = 0;

  constructor(parts: RunsListParts) {
    this.#parts = parts;
  }

  /** Running ones first: this person's, then those of others; below them what ended. */
  get lines(): readonly RunLine[] {
    const { tasks } = this.#parts;
    const own = new Set(tasks.all.map(({ run }) => run));
    const task = (one: Task): RunLine => ({ kind: 'task', task: one });
    return [
      ...tasks.running.map(task),
      ...this.#parts
        .others()
        .filter(({ id }) => !own.has(id))
        .map((run): RunLine => ({ kind: 'run', run })),
      ...tasks.all.filter(({ state }) => state !== 'running').map(task),
    ];
  }

  get selected(): RunLine | null {
    const { lines } = this;
    return lines[Math.min(this.#selected, lines.length - 1)] ?? null;
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { lines } = this;
    if (lines.length === 0) {
      surface.text(2, 0, safeText('nothing runs, and nothing was started in this session'), {
        fg: 'descriptionForeground',
      });
      return;
    }
    this.#selected = Math.min(this.#selected, lines.length - 1);
    this.#top = Math.max(Math.min(this.#top, this.#selected), this.#selected - surface.height + 1, 0);
    for (const [index, line] of lines.slice(this.#top, this.#top + surface.height).entries()) {
      const isSelected = this.#top + index === this.#selected;
      if (line.kind === 'task') this.#drawTask(surface, index, line.task, isSelected, isFocused);
      else this.#drawRun(surface, index, line.run, isSelected, isFocused);
    }
  }

  key(key: Key): boolean {
    const { selected } = this;
    switch (key.name) {
      case 'up':
      case 'k':
        this.#move(-1);
        return true;
      case 'down':
      case 'j':
        this.#move(1);
        return true;
      case 'enter':
        if (selected !== null) this.#parts.onOpen(selected);
        return true;
      case 'c':
        if (selected !== null) this.#parts.onCancel(selected);
        return true;
      default:
        return false;
    }
  }

  mouse(event: Mouse): boolean {
    if (event.action === 'wheel-up') this.#move(-1);
    else if (event.action === 'wheel-down') this.#move(1);
    else if (event.action === 'press' && event.y < this.lines.length - this.#top) this.#selected = this.#top + event.y;
    else return false;
    this.#parts.invalidate();
    return true;
  }

  #move(step: number): void {
    this.#selected = Math.max(0, Math.min(this.lines.length - 1, this.#selected + step));
    this.#parts.invalidate();
  }

  #drawTask(surface: Surface, y: number, task: Task, isSelected: boolean, isFocused: boolean): void {
    const tone = tones[task.state];
    const took = formatDuration((task.endedAt ?? this.#parts.now()) - task.startedAt);
    const isStopping = task.state === 'running' && task.stoppingSince !== null;
    const told = isStopping ? 'stopping safely' : (task.failure?.text ?? (task.state === 'running' ? '' : task.state));
    const title = safeText(task.line.replace(/^holdfast /, ''));
    this.#drawLine(surface, y, { tone, title, told: safeText(told), right: safeText(took), isSelected, isFocused });
    if (task.state === 'running' && !isStopping) this.#drawShare(surface, y, task.progress);
  }

  #drawRun(surface: Surface, y: number, run: SeenRun, isSelected: boolean, isFocused: boolean): void {
    const took = run.startedAt === null ? '' : formatDuration(this.#parts.now() - run.startedAt);
    const title = safeText(`${run.kind} ${run.machine}`);
    const right = safeText(`${run.who}  ${took}`);
    this.#drawLine(surface, y, { tone: 'active', title, told: safeText(''), right, isSelected, isFocused });
    this.#drawShare(surface, y, run.progress, widthOf(safeText(run.who)) + 2);
  }

  #drawLine(
    surface: Surface,
    y: number,
    line: {
      readonly tone: Tone;
      readonly title: SafeText;
      readonly told: SafeText;
      readonly right: SafeText;
      readonly isSelected: boolean;
      readonly isFocused: boolean;
    },
  ): void {
    const bg = line.isSelected
      ? line.isFocused
        ? ('list.activeSelectionBackground' as const)
        : ('list.inactiveSelectionBackground' as const)
      : ('panel.background' as const);
    const fg =
      line.isSelected && line.isFocused ? ('list.activeSelectionForeground' as const) : ('editor.foreground' as const);
    const isMarked = line.isSelected && line.isFocused;
    surface.fill(0, y, surface.width, 1, { fg, bg });
    if (isMarked) surface.text(0, y, safeText('▐'), { fg: 'focusBorder', bg });
    surface.text(1, y, safeText(signs[line.tone]), { fg: isMarked ? fg : colours[line.tone], bg });
    const end = drawRight(surface, surface.width - 1, y, line.right, { fg, bg });
    const room = Math.max(10, Math.floor(surface.width * 0.4));
    surface.text(3, y, cut(line.title, room), { fg, bg, bold: isMarked });
    surface.text(5 + room, y, cut(line.told, Math.max(0, end - room - 6)), {
      fg: isMarked ? fg : colours[line.tone],
      bg,
    });
  }

  #drawShare(surface: Surface, y: number, progress: Progress | null, reserved = 0): void {
    if (progress === null) return;
    const from = 5 + Math.max(10, Math.floor(surface.width * 0.4));
    drawProgress(surface, from, y, Math.max(0, surface.width - from - 11 - reserved), progress);
  }
}
