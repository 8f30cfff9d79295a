import type { View } from '@holdfast/api';
import { safeText } from '../../../model/text/safe-text.ts';
import type { Problem } from '../../../shell/desk/contract.ts';
import type { Key, Mouse, Surface, Widget } from '../../contract.ts';
import { ViewWidget } from '../../widgets/data/view-widget.ts';
import type { Hint } from '../contract.ts';
import type { TaskLine } from '../tasks/task.ts';
import { drawRight, widthOf } from './line.ts';
import { RunsList, type RunsListParts } from './runs-list.ts';

export type PanelTab = 'runs' | 'log' | 'problems' | 'terminal';

const tabs: readonly (readonly [id: PanelTab, title: string])[] = [
  ['runs', 'Runs'],
  ['log', 'Log'],
  ['problems', 'Problems'],
  ['terminal', 'Terminal'],
];

/** What the panel shows. */
export interface PanelParts extends RunsListParts {
  problems(): readonly Problem[];
  lines(): readonly TaskLine[];
  onProblem(problem: Problem): void;
  onDismiss(problem: Problem): void;
  /** What stands in the terminal tab; `null` where none is open. */
  terminal(): Widget | null;
  /** Whether this person may have one. */
  readonly mayHaveTerminal: boolean;
}

function problemsView(problems: readonly Problem[]): View {
  return {
    kind: 'table',
    title: 'Problems',
    columns: [
      { key: 'what', title: 'what', priority: 0 },
      { key: 'source', title: 'where' },
      { key: 'at', title: 'since', align: 'right' },
    ],
    rows: problems.map(({ id, at, source, text, remedy }) => ({
      id,
      cells: {
        what: { kind: 'state', text: remedy === null ? text : `${text} → ${remedy}`, tone: 'bad' },
        source: { kind: 'text', text: source },
        at: { kind: 'time', at },
      },
    })),
    empty: 'no problems',
  };
}

const logView = (lines: readonly TaskLine[]): View => ({ kind: 'log', title: 'Log', lines });

/** What stands below the page: what runs, what was said, what is wrong, a terminal. */
export class Panel implements Widget {
  tab: PanelTab = 'runs';
  readonly runs: RunsList;
  readonly #parts: PanelParts;
  readonly #problems: ViewWidget;
  readonly #log: ViewWidget;
  /** What the widgets were set to last, to set them anew only when it changed. */
  #problemsShown = '';
  #linesShown: TaskLine | null = null;

  constructor(parts: PanelParts) {
    this.#parts = parts;
    this.runs = new RunsList(parts);
    const env = { now: () => parts.now(), invalidate: () => parts.invalidate() };
    this.#problems = new ViewWidget({ ...env, onOpen: (id) => this.#withProblem(id, parts.onProblem) });
    this.#log = new ViewWidget(env);
    this.#log.set(logView([]));
  }

  get hasTerminal(): boolean {
    return this.#parts.terminal() !== null;
  }

  hints(): readonly Hint[] {
    const own: Readonly<Record<PanelTab, readonly Hint[]>> = {
      runs: [
        { key: 'enter', title: safeText('open') },
        { key: 'c', title: safeText('cancel safely') },
      ],
      log: this.#log.hints(),
      problems: [
        { key: 'enter', title: safeText('read') },
        { key: 'd', title: safeText('dismiss') },
      ],
      terminal: [],
    };
    const next = { key: 'tab', title: safeText('next') };
    return this.tab === 'terminal'
      ? own.terminal
      : [...own[this.tab], next, { key: 'escape', title: safeText('back') }];
  }

  draw(surface: Surface, isFocused: boolean): void {
    surface.fill(0, 0, surface.width, surface.height, { bg: 'panel.background' });
    this.#drawTabs(surface, isFocused);
    this.#body().draw(surface.area(0, 1, surface.width, surface.height - 1), isFocused);
  }

  key(key: Key): boolean {
    const step = key.name === 'tab' ? 1 : key.name === 'shift+tab' ? -1 : 0;
    if (this.tab !== 'terminal' && step !== 0) {
      this.turn(step);
      return true;
    }
    if (this.tab === 'problems' && key.name === 'd') {
      const { row } = this.#problems;
      if (row !== null) this.#withProblem(row, this.#parts.onDismiss);
      return true;
    }
    return this.#body().key?.(key) === true;
  }

  paste(text: string): boolean {
    return this.#body().paste?.(text) === true;
  }

  mouse(event: Mouse): boolean {
    if (event.y > 0) return this.#body().mouse?.({ ...event, y: event.y - 1 }) === true;
    if (event.action !== 'press') return false;
    const at = this.#placed().find(({ x, title }) => event.x >= x && event.x < x + title.length);
    if (at !== undefined) this.tab = at.id;
    return at !== undefined;
  }

  turn(step: number): void {
    const at = tabs.findIndex(([id]) => id === this.tab);
    this.tab = tabs[(at + step + tabs.length) % tabs.length]?.[0] ?? 'runs';
  }

  #body(): Widget {
    switch (this.tab) {
      case 'runs':
        return this.runs;
      case 'log':
        this.#setLog();
        return this.#log;
      case 'problems':
        this.#setProblems();
        return this.#problems;
      case 'terminal':
        return this.#parts.terminal() ?? { draw: (surface) => this.#drawNoTerminal(surface) };
      default:
        return this.runs;
    }
  }

  #setLog(): void {
    const lines = this.#parts.lines();
    const last = lines.at(-1) ?? null;
    if (last === this.#linesShown) return;
    this.#linesShown = last;
    this.#log.set(logView([...lines]));
  }

  #setProblems(): void {
    const problems = this.#parts.problems();
    const shown = JSON.stringify(problems);
    if (shown === this.#problemsShown) return;
    this.#problemsShown = shown;
    this.#problems.set(problemsView(problems));
  }

  #withProblem(id: string, work: (problem: Problem) => void): void {
    const problem = this.#parts.problems().find((one) => one.id === id);
    if (problem !== undefined) work(problem);
  }

  #counts(id: PanelTab): number {
    if (id === 'problems') return this.#parts.problems().length;
    if (id !== 'runs') return 0;
    return this.runs.lines.filter((line) => line.kind === 'run' || line.task.state === 'running').length;
  }

  #placed(): readonly { readonly id: PanelTab; readonly title: string; readonly x: number }[] {
    let x = 1;
    return tabs.map(([id, name]) => {
      const count = this.#counts(id);
      const title = count === 0 ? name : `${name} ${count}`;
      const at = x;
      x += title.length + 3;
      return { id, title, x: at };
    });
  }

  #drawTabs(surface: Surface, isFocused: boolean): void {
    surface.fill(0, 0, surface.width, 1, { fg: 'panel.border', bg: 'panel.background' }, safeText('─'));
    for (const { id, title, x } of this.#placed()) {
      const isActive = id === this.tab;
      surface.text(x - 1, 0, safeText(` ${title} `), {
        fg: isActive ? 'panelTitle.activeForeground' : 'descriptionForeground',
        bg: 'panel.background',
        bold: isActive,
        underline: isActive && isFocused,
      });
    }
    const close = safeText(isFocused ? ' ^J close ' : ' ^J close  F6 into ');
    if (surface.width > 50 + widthOf(close)) {
      drawRight(surface, surface.width - 1, 0, close, { fg: 'descriptionForeground', bg: 'panel.background' });
    }
  }

  #drawNoTerminal(surface: Surface): void {
    const told = this.#parts.mayHaveTerminal
      ? 'no terminal is open: the command palette (^P) opens one to a host'
      : 'terminals are for administrators';
    surface.text(2, 0, safeText(told), { fg: 'descriptionForeground', bg: 'panel.background' });
  }
}
