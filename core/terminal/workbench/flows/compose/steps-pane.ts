import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import { displayWidth } from '../../../../shell/format/width.ts';
import { signs } from '../../../../shell/render/paint.ts';
import type { Key, Mouse, Style, Surface } from '../../../contract.ts';
import { asSafe, drawLine, quiet, toneStyle } from '../lines.ts';
import type { Workflow } from './workflow.ts';

/** What the steps can ask of the page that holds them. */
export interface StepsParts {
  readonly workflow: Workflow;
  /** Shows what may be added. */
  onAdd(): void;
  /** Enter on a step: do it all. */
  onEnter(): void;
}

const shownRefusals = 3;
const widest = 14;

/** The steps of a workflow, one below the other, each with the reason if it does not fit; below them what may be added and what may not. */
export class StepsPane {
  readonly #parts: StepsParts;
  #at = 0;
  /** Which row was drawn where, for the mouse. */
  #rowsAt: number[] = [];

  constructor(parts: StepsParts) {
    this.#parts = parts;
  }

  /** Rows that it wants: a reason takes one of its own. */
  rows(isLow: boolean): number {
    const { steps } = this.#parts.workflow;
    const misfits = steps.filter(({ refused }) => refused !== null).length;
    return steps.length + misfits + 1 + (isLow ? 0 : Math.min(shownRefusals, this.#refusals().length));
  }

  /** Whether the first row has the cursor: one further up leaves. */
  get isAtStart(): boolean {
    return this.#cursor() === 0;
  }

  /** Whether the last row has the cursor: one further down leaves. */
  get isAtEnd(): boolean {
    return this.#cursor() === this.#parts.workflow.steps.length;
  }

  key(key: Key): boolean {
    const { workflow, onAdd, onEnter } = this.#parts;
    const at = this.#cursor();
    const { length } = workflow.steps;
    switch (key.name) {
      case 'up':
      case 'k':
        this.#at = Math.max(0, at - 1);
        return true;
      case 'down':
      case 'j':
        this.#at = Math.min(length, at + 1);
        return true;
      case '+':
      case 'a':
        onAdd();
        return true;
      case 'delete':
      case 'backspace':
      case 'x':
        if (at < length) workflow.remove(at);
        return true;
      case 'K':
      case 'alt+up':
        this.#at = workflow.move(at, -1);
        return true;
      case 'J':
      case 'alt+down':
        this.#at = workflow.move(at, 1);
        return true;
      case 'enter':
        if (at === length) onAdd();
        else onEnter();
        return true;
      default:
        return false;
    }
  }

  /** A click goes to a step; one on the last row shows what may be added. */
  mouse({ action, y }: Mouse): boolean {
    const row = this.#rowsAt[y];
    if (action !== 'press' || row === undefined) return false;
    this.#at = row;
    if (row === this.#parts.workflow.steps.length) this.#parts.onAdd();
    return true;
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { workflow } = this.#parts;
    const at = this.#cursor();
    let y = 0;
    this.#rowsAt = [];
    for (const [index, step] of workflow.steps.entries()) {
      this.#rowsAt.push(...(step.refused === null ? [index] : [index, index]));
      const isHere = isFocused && index === at;
      const name = safeText(step.use, widest);
      const sign: SafeText = asSafe(step.refused === null ? ' ' : signs.bad);
      this.#row(surface, y, isHere, asSafe(`${sign} ${index + 1} ${name}`), safeText(step.title));
      y += 1;
      if (step.refused !== null) {
        drawLine(surface, 6, y, safeText(step.refused), toneStyle('bad'));
        y += 1;
      }
    }
    this.#rowsAt.push(workflow.steps.length);
    const fitting = workflow.offers.filter(({ refused }) => refused === null).map(({ value }) => value);
    const detail = fitting.length === 0 ? 'nothing fits after these' : fitting.join(' · ');
    this.#row(surface, y, isFocused && at === workflow.steps.length, asSafe('+ add a step…'), safeText(detail));
    y += 1;
    for (const { value, refused } of this.#refusals().slice(0, Math.max(0, surface.height - y))) {
      const x = 3 + drawLine(surface, 3, y, asSafe(`${signs.bad} ${safeText(value, widest)}`), quiet);
      drawLine(surface, Math.max(20, x + 2), y, safeText(refused ?? ''), quiet);
      y += 1;
    }
  }

  #cursor(): number {
    return Math.min(this.#at, this.#parts.workflow.steps.length);
  }

  #refusals() {
    const { offers, steps } = this.#parts.workflow;
    // That a step is there already needs no telling.
    return offers.filter(({ value, refused }) => refused !== null && !steps.some(({ use }) => use === value));
  }

  #row(surface: Surface, y: number, isHere: boolean, name: SafeText, detail: SafeText): void {
    const style: Style = isHere ? { fg: 'list.activeSelectionForeground', bg: 'list.activeSelectionBackground' } : {};
    if (isHere) surface.fill(0, y, surface.width, 1, style);
    drawLine(surface, 1, y, name, { ...style, bold: true });
    drawLine(surface, Math.max(20, displayWidth(name) + 3), y, detail, isHere ? style : quiet);
  }
}
