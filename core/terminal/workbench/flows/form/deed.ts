import type { CommandResult } from '@holdfast/api';
import { safeText } from '../../../../model/text/safe-text.ts';
import type { ShellCommand } from '../../../../shell/contract.ts';
import type { Key, Surface } from '../../../contract.ts';
import { ViewWidget } from '../../../widgets/data/view-widget.ts';
import type { Bench, Hint, Page } from '../../contract.ts';
import { drawRule, drawText, drawTrouble, toneStyle } from '../lines.ts';
import type { Foreseen } from '../preview.ts';
import type { Fields } from '../reading.ts';
import { type Trouble, troubleIn, troubleOf } from '../trouble.ts';
import { consequenceOf } from './consequence.ts';
import type { Outlook } from './outlook.ts';
import { seenOf } from './seen.ts';

/** What a deed is done with. */
export interface DeedParts {
  readonly bench: Bench;
  readonly page: Page;
  readonly command: ShellCommand;
  readonly outlook: Outlook;
  /** What the command would be given if Enter came now. */
  readonly args: () => Fields;
  readonly verb: string;
  readonly consequence?: (result: CommandResult) => string;
  /** What is asked although the command destroys nothing by itself; `null` to go on without. */
  readonly question?: (result: CommandResult) => { readonly text: string; readonly isDestroying: boolean } | null;
  readonly onBegin?: (page: Page) => void;
}

const otherwise: Trouble = {
  code: 'POLICY_CHANGED',
  text: safeText('it would do something else by now than what you agreed to; nothing was done'),
  remedy: safeText('look at what it would do now, then go on'),
};

/**
 * Does what a flow has prepared: only what was foreseen is agreed to, what destroys is named and asked about, and the answer is shown in the
 * place of the form.
 */
export class Deed {
  readonly #parts: DeedParts;
  readonly #answer: ViewWidget;
  #phase: 'form' | 'asking' | 'working' | 'answer' = 'form';
  #result: CommandResult | null = null;
  #isClosed = false;

  constructor(parts: DeedParts) {
    this.#parts = parts;
    const { bench } = parts;
    this.#answer = new ViewWidget({ now: () => bench.desk.now(), invalidate: () => bench.invalidate() });
  }

  /** Whether the form is what a person works with now. */
  get isPreparing(): boolean {
    return this.#phase === 'form' || this.#phase === 'asking';
  }

  get isAnswered(): boolean {
    return this.#phase === 'answer';
  }

  hints(): readonly Hint[] | null {
    if (this.isPreparing) return null;
    if (this.#phase === 'working') return [];
    return [
      { key: 'enter', title: safeText('Close') },
      { key: 'e', title: safeText('Edit and run again') },
    ];
  }

  /** What Enter does. Where nothing could be foreseen because something is missing, the command asks for itself. */
  async begin(): Promise<void> {
    if (this.#phase !== 'form') return;
    this.#phase = 'asking';
    const agreed = await this.#agreed().catch(() => null);
    if (this.#isClosed) return;
    this.#phase = 'form';
    if (agreed !== null) await this.#run(agreed);
  }

  /** Asks before something typed is lost; what works or is done is not. */
  async mayClose(isTyped: boolean): Promise<boolean> {
    if (!this.isPreparing || !isTyped) return true;
    return this.#parts.bench.confirm('Close this?', 'What you filled in is lost. Nothing was done yet.', 'Close it');
  }

  key(key: Key): boolean {
    if (this.#phase !== 'answer') return false;
    if (key.name === 'enter') this.#parts.bench.close(this.#parts.page);
    else if (key.name === 'e') this.#edit();
    else return this.#answer.key(key);
    return true;
  }

  draw(surface: Surface): void {
    if (this.#phase === 'working') {
      drawText(surface, 1, 1, safeText('▶ at work: the panel shows how far it is'), toneStyle('active'));
      return;
    }
    if (this.#result === null) return;
    const trouble = troubleIn(this.#result);
    drawRule(surface, 0, safeText(trouble === null ? 'Done' : 'Done, with bad news'));
    const y = 1 + (trouble === null ? 0 : drawTrouble(surface, 1, 1, trouble));
    this.#answer.draw(surface.area(0, y, surface.width, surface.height - y), true);
  }

  close(): void {
    this.#isClosed = true;
  }

  #edit(): void {
    this.#phase = 'form';
    this.#parts.outlook.again();
    this.#parts.bench.invalidate();
  }

  /** The arguments that a person has agreed to; `null` when nothing is to be done. */
  async #agreed(): Promise<Fields | null> {
    const { command, outlook } = this.#parts;
    const args = this.#parts.args();
    if (command.danger === 'read') return args;
    const foreseen = await this.#foreseen();
    // What is typed meanwhile is another wish, with an Enter of its own.
    if (JSON.stringify(args) !== JSON.stringify(this.#parts.args())) return null;
    if (foreseen.kind === 'known') {
      if (!(await this.#isAgreed(foreseen.result))) return null;
      if (await this.#isStill(foreseen.result)) return { ...args, yes: true };
      outlook.fail(otherwise);
      return null;
    }
    if (foreseen.kind === 'refused' && foreseen.trouble.code === 'ANSWER_MISSING') return args;
    outlook.again();
    return null;
  }

  /** What would happen. Of policies it is worked out anew: their file may be another since it was shown. */
  async #foreseen(): Promise<Foreseen> {
    const { outlook } = this.#parts;
    const shown = await outlook.settled();
    if (shown.kind !== 'known' || seenOf(shown.result) === null) return shown;
    outlook.again();
    return outlook.settled();
  }

  /** Whether what was agreed to is what would still happen: a question may have stood for hours. */
  async #isStill(result: CommandResult): Promise<boolean> {
    const seen = seenOf(result);
    if (seen === null) return true;
    const now = await this.#foreseen();
    return now.kind === 'known' && seenOf(now.result) === seen;
  }

  async #isAgreed(result: CommandResult): Promise<boolean> {
    const { bench, command, verb, question } = this.#parts;
    const asked = question?.(result) ?? null;
    if (asked !== null) return bench.confirm(command.title, asked.text, verb, asked.isDestroying);
    return command.danger !== 'destroy' || this.#isConfirmed(result);
  }

  async #isConfirmed(result: CommandResult): Promise<boolean> {
    const { bench, command, verb, consequence } = this.#parts;
    const text = consequence?.(result) ?? consequenceOf(command, result);
    return bench.confirm(command.title, text, verb, true);
  }

  async #run(args: Fields): Promise<void> {
    const { bench, command, outlook, page } = this.#parts;
    this.#phase = 'working';
    bench.invalidate();
    this.#parts.onBegin?.(page);
    try {
      const result = await bench.run(command.id, args, { throws: true });
      this.#phase = result === null ? 'form' : 'answer';
      this.#result = result;
      if (result !== null) this.#answer.set(result.view);
    } catch (thrown) {
      this.#phase = 'form';
      const trouble = troubleOf(thrown);
      if (this.#isClosed) bench.toast(trouble.text, 'bad');
      else outlook.fail(trouble);
    }
    bench.invalidate();
  }
}
