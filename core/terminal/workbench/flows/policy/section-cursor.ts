import type { Key } from '../../../contract.ts';
import { keyName } from '../../../keys/key-name.ts';
import type { StepsPane } from '../compose/steps-pane.ts';
import type { FormId, PolicyFields } from './policy-fields.ts';
import { type SectionId, sectionIds } from './sections.ts';

/** What keys lead to. */
export interface CursorParts {
  readonly fields: PolicyFields;
  readonly steps: StepsPane;
  onSave(isApplying: boolean): void;
}

/**
 * Where keys go: to the headings of the sections, or into one of them. Tab and the arrows lead from the last field of a section to the first of
 * the next, and back.
 */
export class SectionCursor {
  readonly #parts: CursorParts;
  section: SectionId = 'policy';
  isInside = true;
  /** In the section of steps: among the steps themselves, or in what stands below them. */
  isAmongSteps = true;

  constructor(parts: CursorParts) {
    this.#parts = parts;
  }

  /** The form that keys go to; `null` among the steps and on the headings. */
  get form(): FormId | null {
    if (!this.isInside) return null;
    if (this.section !== 'steps') return this.section;
    return this.isAmongSteps ? null : 'work';
  }

  enter(section: SectionId, end: 'first' | 'last' = 'first', isAmongSteps: boolean = end === 'first'): void {
    this.isInside = true;
    this.section = section;
    this.isAmongSteps = isAmongSteps;
    const { form } = this;
    if (form !== null) this.#parts.fields.focusEnd(form, end);
  }

  key(key: Key): boolean {
    const name = keyName(key.name);
    if (name === 'ctrl+s') {
      this.#parts.onSave(false);
      return true;
    }
    const { form } = this;
    if (form !== null) return this.#formKey(form, key, name);
    return this.isInside ? this.#stepsKey(key, name) : this.#headingKey(name);
  }

  #headingKey(name: string): boolean {
    if (name === 'up' || name === 'k') this.#go(-1);
    else if (name === 'down' || name === 'j') this.#go(1);
    else if (name === 'enter' || name === 's') this.#parts.onSave(name === 'enter');
    else if (name === 'right' || name === 'l' || name === 'space' || name === 'tab') this.enter(this.section);
    else if (name === 'shift+tab') this.#leave(-1);
    else return false;
    return true;
  }

  #go(by: 1 | -1): void {
    const at = sectionIds.indexOf(this.section) + by;
    this.section = sectionIds[Math.max(0, Math.min(sectionIds.length - 1, at))] ?? 'policy';
  }

  #formKey(id: FormId, key: Key, name: string): boolean {
    const { fields, onSave } = this.#parts;
    const form = fields.form(id);
    const names = fields.names(id);
    // Forms themselves go round.
    if (name === 'tab' && form.focused === (names.at(-1) ?? null)) return this.#leave(1);
    if (name === 'shift+tab' && form.focused === (names[0] ?? null)) return this.#leave(-1);
    if (form.key(key)) return true;
    if (name === 'escape') this.isInside = false;
    else if (name === 'down' || name === 'up') return this.#leave(name === 'down' ? 1 : -1);
    else if (name === 'enter' && names.length === 0) onSave(true);
    else return false;
    return true;
  }

  #stepsKey(key: Key, name: string): boolean {
    const { fields, steps, onSave } = this.#parts;
    if (name === 'escape') this.isInside = false;
    else if (name === 's') onSave(false);
    else if (name === 'tab' || (name === 'down' && steps.isAtEnd)) this.enter('steps', 'first', false);
    else if (name === 'shift+tab' || (name === 'up' && steps.isAtStart)) return this.#leave(-1);
    else {
      const before = fields.steps.join();
      const isUsed = steps.key(key);
      if (fields.steps.join() !== before) fields.areStepsTyped = true;
      return isUsed;
    }
    return true;
  }

  /** Goes to the section before or after this one, at its nearer end. */
  #leave(by: 1 | -1): true {
    if (this.form === 'work' && by < 0) {
      this.enter('steps');
      return true;
    }
    const at = (sectionIds.indexOf(this.section) + by) % sectionIds.length;
    this.enter(sectionIds.at(at) ?? 'policy', by > 0 ? 'first' : 'last');
    return true;
  }
}
