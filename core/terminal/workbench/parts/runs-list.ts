import { safeText } from '../../../model/text/safe-text.ts';
import type { Key, Mouse, Surface, Widget } from '../../contract.ts';
import type { SeenRun } from '../tasks/other-runs.ts';
import type { Task } from '../tasks/task.ts';
import type { TaskList } from '../tasks/task-list.ts';
import { drawRunRow, seenRow, taskRow } from './run-row.ts';

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
      const row = line.kind === 'task' ? taskRow(line.task, this.#parts.now()) : seenRow(line.run, this.#parts.now());
      drawRunRow(surface, index, row, isSelected, isFocused);
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
}
