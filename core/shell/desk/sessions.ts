import type { Actor } from '../access/contract.ts';

/** A workbench that somebody has open at the SSH server. */
export interface OpenSession {
  readonly id: string;
  readonly actor: Actor;
  readonly since: number;
  /** When a key was last pressed. */
  readonly activeAt: number;
  readonly columns: number;
  readonly rows: number;
  /** Names of those who look on. */
  readonly observers: readonly string[];
  /** Shows what this session shows, as it goes on. Announced to the one observed. Ends when either goes. */
  observe(by: Actor, show: (text: string) => void, signal: AbortSignal): Promise<void>;
  /** Ends it, telling why. */
  end(reason: string): void;
}

/** The sessions of one server process. */
export interface Sessions {
  list(): readonly OpenSession[];
  get(id: string): OpenSession | null;
}
