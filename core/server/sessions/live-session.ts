import { safeText } from '../../model/text/safe-text.ts';
import type { Actor } from '../../shell/access/contract.ts';
import type { Audit } from '../../shell/audit/contract.ts';
import type { OpenSession } from '../../shell/desk/sessions.ts';
import type { ChannelTty } from '../connection/channel-tty.ts';
import type { OpenedWorkbench } from '../contract.ts';
import { DrawingOnly } from './drawing-only.ts';

const maxObservers = 8;
const frameMs = 200;
const cleared = '\u001b[0m\u001b[2J\u001b[H';
const gaveUp = '\u001b[0m\u001b[?25h\r\n';

export interface LiveSessionParts {
  readonly actor: Actor;
  readonly tty: ChannelTty;
  readonly workbench: OpenedWorkbench;
  readonly audit: Audit;
  now(): number;
  /** Ends the workbench and tells the person why. */
  end(reason: string): void;
}

/** A workbench that somebody has open, as others see it. */
export class LiveSession implements OpenSession {
  readonly since: number;
  readonly #parts: LiveSessionParts;
  readonly #observers = new Map<symbol, { readonly name: string; readonly leave: () => void }>();
  #activeAt: number;
  #isOver = false;

  constructor(parts: LiveSessionParts) {
    this.#parts = parts;
    this.since = parts.now();
    this.#activeAt = this.since;
    parts.tty.onData(() => {
      this.#activeAt = parts.now();
    });
  }

  get id(): string {
    return this.#parts.actor.session;
  }

  get actor(): Actor {
    return this.#parts.actor;
  }

  get activeAt(): number {
    return this.#activeAt;
  }

  get columns(): number {
    return this.#parts.tty.columns;
  }

  get rows(): number {
    return this.#parts.tty.rows;
  }

  get observers(): readonly string[] {
    return [...this.#observers.values()].map(({ name }) => name);
  }

  async observe(by: Actor, show: (text: string) => void, signal: AbortSignal): Promise<void> {
    const { tty, audit, workbench, actor } = this.#parts;
    if (this.#isOver || signal.aborted) return;
    if (this.#observers.size >= maxObservers) return show(`as many as may already look on at ${this.id}\r\n`);
    await audit.append(by, 'session.observed', { session: this.id, of: actor.name });
    const left = Promise.withResolvers<void>();
    const key = Symbol(by.name);
    this.#observers.set(key, { name: by.name, leave: left.resolve });
    signal.addEventListener('abort', () => left.resolve(), { once: true });
    const filter = new DrawingOnly();
    const handOn = (text: string): void => {
      try {
        show(filter.filter(text));
      } catch {
        // Whoever looks on has a problem of their own.
        left.resolve();
      }
    };
    // What is there already, then everything drawn anew, in colour.
    handOn(cleared + workbench.text().split('\n').join('\r\n'));
    const stop = tty.onWritten(handOn);
    tty.repaint();
    this.notice(`${by.name} (${by.from}) looks on at this session`);
    workbench.observedBy?.(this.observers);
    if (this.#isOver || signal.aborted) left.resolve();
    await left.promise;
    stop();
    this.#observers.delete(key);
    if (!this.#isOver) workbench.observedBy?.(this.observers);
    handOn(gaveUp);
    if (!this.#isOver) this.notice(`${by.name} no longer looks on`);
  }

  end(reason: string): void {
    if (!this.#isOver) this.#parts.end(reason);
  }

  /** Tells the person something, whatever the workbench can show. */
  notice(text: string): void {
    const { tty, workbench } = this.#parts;
    const safe = safeText(text, 200);
    if (workbench.notice !== undefined) workbench.notice(safe);
    else if (tty.notice !== undefined) tty.notice(safe);
    // Not in the frame that is being drawn now.
    else setTimeout(() => tty.write(lineOverScreen(safe, tty.columns, tty.rows)), frameMs).unref();
  }

  /** It has ended. */
  close(): void {
    this.#isOver = true;
    for (const { leave } of this.#observers.values()) leave();
  }
}

/** Inverse, in the last line, and the cursor back to where it was. */
const lineOverScreen = (text: string, columns: number, rows: number): string =>
  `\u001b7\u001b[${rows};1H\u001b[0;7m ${text.slice(0, Math.max(0, columns - 2))} \u001b[0m\u001b8`;
