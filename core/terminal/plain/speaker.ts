import type { Writable } from 'node:stream';
import type { CommandResult, View } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { plainStyle } from '../../shell/render/text-style.ts';
import { renderView } from '../../shell/render/view.ts';
import { type Trouble, troubleIn } from '../workbench/flows/trouble.ts';

/** Nothing but text and ends of lines goes out, whatever comes in: the last of the filters. */
const acting = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/g;

/** Writes lines for somebody who listens to them: no colours, no cursor, nothing that is drawn over. */
export class Speaker {
  readonly #output: Writable;
  readonly #now: () => number;
  #isGone = false;

  constructor(output: Writable, now: () => number) {
    this.#output = output;
    this.#now = now;
    for (const event of ['error', 'close'] as const) output.on(event, () => (this.#isGone = true));
  }

  /** Whether nobody reads any more. */
  get isGone(): boolean {
    return this.#isGone || this.#output.destroyed;
  }

  /** Says sentences, each on a line of its own; each is made safe here. Answers once they were taken. */
  async say(...lines: readonly string[]): Promise<void> {
    await this.#write(lines.map((line) => safeText(line)));
  }

  /** A view as it is printed on a pipe, times as people say them. */
  async view(view: View): Promise<void> {
    await this.#write(renderView(view, { ...plainStyle, now: this.#now() }));
  }

  async trouble({ code, text, remedy }: Trouble): Promise<void> {
    await this.say(`Failed: ${text} [${code}]`, ...(remedy === null ? [] : [`What to do: ${remedy}`]));
  }

  /** What a command answered, and the bad news in it if there is any. */
  async answer(result: CommandResult): Promise<void> {
    await this.view(result.view);
    const trouble = troubleIn(result);
    if (trouble !== null) await this.trouble(trouble);
    else if (result.partial === true) await this.say('Some of it was done and some failed.');
  }

  async #write(lines: readonly string[]): Promise<void> {
    if (this.isGone || lines.length === 0) return;
    const text = `${lines.map((line) => line.replace(acting, '')).join('\n')}\n`;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#output.off('close', done);
        resolve();
      };
      this.#output.once('close', done);
      this.#output.write(text, done);
    });
  }
}
