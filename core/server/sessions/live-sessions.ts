import type { OpenSession, Sessions } from '../../shell/desk/sessions.ts';
import type { LiveSession } from './live-session.ts';

/** The workbenches that are open in this process. */
export class LiveSessions implements Sessions {
  readonly #open = new Map<string, LiveSession>();

  list(): readonly OpenSession[] {
    return [...this.#open.values()];
  }

  get(id: string): OpenSession | null {
    return this.#open.get(id) ?? null;
  }

  add(session: LiveSession): void {
    this.#open.set(session.id, session);
  }

  /** Tells the person of a session something; nothing when it has ended. */
  notice(id: string, text: string): void {
    this.#open.get(id)?.notice(text);
  }

  remove(session: LiveSession): void {
    this.#open.delete(session.id);
    session.close();
  }
}
