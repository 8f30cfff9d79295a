import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import type { ShellCommand } from '../../../../shell/contract.ts';
import type { Key, Mouse, Surface } from '../../../contract.ts';
import type { Bench, Hint, Page } from '../../contract.ts';
import { PickOverlay } from '../compose/pick-overlay.ts';
import { StepsPane } from '../compose/steps-pane.ts';
import { Deed } from '../form/deed.ts';
import { Outlook } from '../form/outlook.ts';
import { drawLine, drawTrouble, quiet, strong } from '../lines.ts';
import { type Fields, wordOf, wordsOf } from '../reading.ts';
import type { Trouble } from '../trouble.ts';
import { noBase, type PolicyBase } from './base.ts';
import { BaseAsker } from './base-asker.ts';
import { givenPolicy } from './given.ts';
import { Matches } from './matches.ts';
import { type FormId, PolicyFields } from './policy-fields.ts';
import { applyQuestion, policySummary, refusalsOf } from './policy-summary.ts';
import { SectionCursor } from './section-cursor.ts';
import { SectionWords } from './section-words.ts';
import { drawHeading, type SectionId, sectionIds, shareRows } from './sections.ts';

/**
 * Composes a policy: which machines, what is done to them, when, and how long restore points stay; below it what that would change, worked out
 * as one types. Saved into the policy file, and put in force.
 */
export function policyPage(bench: Bench, command: ShellCommand, given: Fields = {}): Page {
  return new PolicyPage(bench, command, givenPolicy(given));
}

/** Something that was drawn, for the mouse. */
interface Place {
  readonly part: FormId | 'steps' | null;
  readonly section: SectionId;
  readonly from: number;
  readonly to: number;
}

const indent = 3;

class PolicyPage implements Page {
  readonly id: string;
  readonly #bench: Bench;
  readonly #command: ShellCommand;
  readonly #fields: PolicyFields;
  readonly #steps: StepsPane;
  readonly #cursor: SectionCursor;
  readonly #matches: Matches;
  readonly #beginnings: BaseAsker;
  readonly #words = new SectionWords();
  readonly #outlook: Outlook;
  readonly #deed: Deed;
  readonly #overlay: PickOverlay;
  readonly #unlisten: () => void;
  readonly #stop = new AbortController();
  /** Why what the policy is begun from could not be found out; `null` when it could. */
  #trouble: Trouble | null = null;
  /** Whether what is saved is put in force too. */
  #isApplying = true;
  /** What it would have been run with before anything was typed. */
  #opened: string;
  #places: readonly Place[] = [];

  constructor(bench: Bench, command: ShellCommand, given: Fields) {
    this.id = `policy:${wordOf(given.policy)}:${wordsOf(given.name).join(',')}`;
    this.#bench = bench;
    this.#command = command;
    this.#overlay = new PickOverlay(bench);
    this.#matches = new Matches(bench);
    this.#fields = new PolicyFields({
      bench,
      command,
      given,
      onChange: (id) => this.#changed(id),
      onSubmit: () => this.#save(true),
    });
    const { workflow } = this.#fields;
    this.#steps = new StepsPane({ workflow, onAdd: () => this.#pickStep(), onEnter: () => this.#save(true) });
    this.#cursor = new SectionCursor({
      fields: this.#fields,
      steps: this.#steps,
      onSave: (isApplying) => this.#save(isApplying),
    });
    this.#outlook = new Outlook({ bench, title: 'Plan', summary: policySummary });
    this.#deed = new Deed({
      bench,
      page: this,
      command,
      outlook: this.#outlook,
      args: () => (this.#isApplying ? this.#applying() : this.#fields.args),
      verb: 'Put it in force',
      question: (result) => (this.#isApplying ? applyQuestion(result) : null),
    });
    this.#beginnings = new BaseAsker(
      bench.desk,
      (base) => this.#begin(base),
      (trouble) => {
        this.#trouble = trouble;
        bench.invalidate();
      },
    );
    this.#unlisten = bench.desk.onChange((change) => {
      if (change !== 'plugins' && change !== 'configuration') return;
      this.#fields.refreshChoices();
      this.#beginnings.again();
      this.#outlook.again();
    });
    this.#fields.begin(noBase);
    this.#cursor.enter(wordOf(given.policy) === '' ? 'policy' : 'machines');
    this.#fields.leaveAllBut(this.#cursor.form);
    this.#opened = JSON.stringify(this.#fields.args);
    this.#changed('policy');
    void this.#askEndpoints();
  }

  title(): SafeText {
    const name = wordOf(this.#fields.form('policy').values.policy);
    return safeText(name === '' ? 'New policy' : `Policy ${name}`);
  }

  hints(): readonly Hint[] {
    const hint = (key: string, title: string): Hint => ({ key, title: safeText(title) });
    const done = this.#deed.hints();
    if (done !== null) return done;
    const apply = hint('enter', 'Save and apply');
    if (!this.#cursor.isInside) return [apply, hint('s', 'Save'), hint('right', 'Open')];
    const out = hint('escape', 'Sections');
    if (this.#cursor.form !== null) return [apply, hint('ctrl+s', 'Save'), hint('tab', 'Next'), out];
    const steps = [hint('a', 'Add a step'), hint('x', 'Remove'), hint('K/J', 'Move')];
    return [apply, hint('s', 'Save'), ...steps, out];
  }

  commandLine(): string {
    return this.#bench.desk.commandLine(this.#command.id, this.#applying());
  }

  context(): Fields {
    return { kind: 'policy', command: this.#command.id };
  }

  refresh(): void {
    if (this.#outlook.refresh()) this.#fields.refreshChoices();
  }

  mayClose(): Promise<boolean> {
    return this.#deed.mayClose(JSON.stringify(this.#fields.args) !== this.#opened);
  }

  close(): void {
    this.#stop.abort();
    this.#unlisten();
    this.#beginnings.close();
    this.#matches.close();
    this.#fields.close();
    this.#outlook.close();
    this.#deed.close();
  }

  key(key: Key): boolean {
    if (this.#overlay.isOpen) return this.#overlay.key(key);
    if (!this.#deed.isPreparing) return this.#deed.key(key);
    if (this.#outlook.key(key)) return true;
    const isUsed = this.#cursor.key(key);
    this.#fields.leaveAllBut(this.#cursor.form);
    if (isUsed) this.#bench.invalidate();
    return isUsed;
  }

  paste(text: string): boolean {
    if (this.#overlay.isOpen) return this.#overlay.paste(text);
    const { form } = this.#cursor;
    return form !== null && this.#deed.isPreparing && this.#fields.form(form).paste(text);
  }

  mouse(event: Mouse): boolean {
    if (this.#overlay.isOpen) return this.#overlay.mouse(event);
    const place = this.#places.find(({ from, to }) => event.y >= from && event.y < to);
    if (!this.#deed.isPreparing || place === undefined) return false;
    const { part, section } = place;
    if (event.action === 'press' && (part === null || part !== (this.#cursor.form ?? 'steps'))) {
      this.#cursor.enter(section, 'first', part !== 'work');
      this.#fields.leaveAllBut(this.#cursor.form);
    }
    this.#bench.invalidate();
    const y = event.y - place.from;
    if (part === null) return true;
    return part === 'steps'
      ? this.#steps.mouse({ ...event, y })
      : this.#fields.form(part).mouse({ ...event, x: event.x - indent, y });
  }

  draw(surface: Surface, isFocused: boolean): void {
    const x = 1 + drawLine(surface, 1, 0, this.title(), strong);
    const { file, exists } = this.#fields.base;
    const standing = file === '' ? '' : `${exists ? 'changes what is in' : 'new in'} ${file}`;
    drawLine(surface, x + 2, 0, safeText(standing), quiet);
    const below = surface.area(0, 1, surface.width, surface.height - 1);
    if (this.#deed.isPreparing) this.#drawSections(below, isFocused && !this.#overlay.isOpen);
    else this.#deed.draw(below);
    if (this.#overlay.isOpen) this.#overlay.draw(surface);
  }

  #drawSections(surface: Surface, isFocused: boolean): void {
    const { width, height } = surface;
    const { section, isInside, form } = this.#cursor;
    const inner = Math.max(1, width - indent - 1);
    const rowsOf = (id: FormId): number => this.#fields.form(id).rows(inner);
    const stepRows = Math.min(8, this.#steps.rows(height < 24));
    const planRows = Math.max(4, Math.floor(height * 0.3));
    const rows = shareRows(
      {
        policy: rowsOf('policy'),
        machines: rowsOf('machines'),
        steps: stepRows + rowsOf('work'),
        times: rowsOf('times'),
        keep: rowsOf('keep'),
      },
      section,
      Math.max(1, height - planRows - sectionIds.length),
    );
    const places: Place[] = [];
    let y = 0;
    const part = (id: SectionId, name: Place['part'], count: number): Surface => {
      // The page begins one row further up.
      places.push({ part: name, section: id, from: y + 1, to: y + 1 + count });
      y += count;
      return surface.area(indent, y - count, inner, count);
    };
    for (const id of sectionIds) {
      const isHere = isFocused && id === section;
      const told = this.#words.of(
        id,
        this.#fields.typed,
        this.#fields.base,
        this.#matches.told,
        this.#bench.desk.now(),
      );
      const how = { isOpen: rows[id] > 0, isHere: isHere && !isInside, isWorkedIn: id === section };
      drawHeading(surface, y, id, told, how);
      part(id, null, 1);
      if (rows[id] === 0) continue;
      if (id !== 'steps') {
        this.#fields.form(id).draw(part(id, id, rows[id]), isHere && form === id);
        continue;
      }
      // What is worked in has to be seen.
      const least = form === 'work' ? Math.floor(rows[id] / 2) : rows[id];
      const above = Math.min(stepRows, least);
      this.#steps.draw(part(id, 'steps', above), isHere && isInside && form === null);
      if (rows[id] > above)
        this.#fields.form('work').draw(part(id, 'work', rows[id] - above), isHere && form === 'work');
    }
    this.#places = places;
    const rest = surface.area(0, y, width, Math.max(0, height - y));
    if (this.#trouble === null) this.#outlook.draw(rest);
    else drawTrouble(rest, 1, 0, this.#trouble);
  }

  #applying(): Fields {
    return { ...this.#fields.args, apply: true };
  }

  #begin(base: PolicyBase): void {
    const isUntouched = JSON.stringify(this.#fields.args) === this.#opened;
    this.#trouble = null;
    this.#fields.begin(base);
    if (isUntouched) this.#opened = JSON.stringify(this.#fields.args);
    this.#changed('machines');
  }

  #changed(id: FormId): void {
    const { typed } = this.#fields;
    if (id === 'policy' || id === 'work') this.#beginnings.want(this.#fields.beginning);
    if (id === 'work') {
      this.#fields.workflow.settle(typed.work);
      this.#fields.setKeep();
    }
    this.#matches.want(typed.machines);
    const missing = this.#missing();
    if (missing === null) this.#outlook.want(this.#command, this.#fields.args);
    else this.#outlook.hold(missing);
    this.#bench.invalidate();
  }

  /** What has to be said before there is anything to plan; `null` when enough is. */
  #missing(): string | null {
    const { typed, base, workflow } = this.#fields;
    if (wordOf(typed.head.policy) === '') return 'give the policy a name';
    const isAnything = Object.values(typed.machines).some((value) => wordsOf(value).length > 0);
    if (!isAnything) return 'say which machines: by endpoint, name, tag or folder';
    if (typed.steps.length === 0) return 'a workflow needs a step: a';
    // Of steps that the file has already the plan says what is wrong: it knows workflows that cannot be composed here, such as two copies.
    const isAsWritten = JSON.stringify(typed.steps) === JSON.stringify(wordsOf(base.words.steps));
    if (workflow.misfit !== null && !isAsWritten)
      return `${workflow.misfit.use} does not fit: ${workflow.misfit.refused ?? ''}`;
    const wrong = (['times', 'keep'] as const)
      .map((id) => this.#words.of(id, typed, base, '', this.#bench.desk.now()))
      .find(({ isWrong }) => isWrong);
    return wrong?.text ?? null;
  }

  #save(isApplying: boolean): void {
    const { state } = this.#outlook;
    const refused = state.kind === 'known' ? refusalsOf(state.result).length : 0;
    if (isApplying && refused > 0) {
      this.#bench.toast('It cannot keep what it promises: change it, or save it without applying by ^S', 'bad');
      return;
    }
    this.#isApplying = isApplying;
    void this.#deed.begin();
  }

  #pickStep(): void {
    const { workflow } = this.#fields;
    this.#overlay.open({
      title: 'Add a step',
      choices: workflow.offers,
      onPick: (use) => {
        this.#fields.areStepsTyped = true;
        workflow.add(use);
      },
    });
  }

  /** Machines that are known are counted at once, then those that endpoints show now. */
  async #askEndpoints(): Promise<void> {
    const { signal } = this.#stop;
    await this.#matches.load();
    // An endpoint that does not answer is told elsewhere.
    await this.#bench.desk.run('machine.list', {}, { signal, ask: null }).catch(() => null);
    if (!signal.aborted) await this.#matches.load();
  }
}
