import type { Socket } from 'node:net';
import { heldByKeyExchange } from './ssh2-inside.ts';

const lookAgainMs = 15;
const none = (): number => 0;

/** The line to one client: how much was written that it has not taken, and whether it is still there. */
export class Wire {
  readonly #socket: Socket;
  readonly #client: object;
  readonly #watching = new Set<() => void>();
  #timer: NodeJS.Timeout | null = null;

  constructor(socket: Socket, client: object) {
    this.#socket = socket;
    this.#client = client;
    const look = (): void => this.#look();
    // The client said something (perhaps that its window is open again), took something, or went.
    socket.on('data', look).on('drain', look).on('close', look);
  }

  get isClosed(): boolean {
    return this.#socket.destroyed || !this.#socket.writable;
  }

  /** Bytes that this process holds for the client. */
  get unsentBytes(): number {
    return this.isClosed ? 0 : this.#socket.writableLength + heldByKeyExchange(this.#client);
  }

  /** Calls the listener whenever something may have moved, until it is taken back. */
  onMoved(listener: () => void): () => void {
    this.#watching.add(listener);
    this.#timer ??= setInterval(() => this.#look(), lookAgainMs).unref();
    return () => {
      this.#watching.delete(listener);
      if (this.#watching.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  }

  /**
   * Waits until no more than `limitBytes` are unsent. Answers whether the line is still there.
   * @param also Further bytes that wait, in a channel.
   */
  async room(limitBytes: number, signal: AbortSignal, also: () => number = none): Promise<boolean> {
    const isOver = (): boolean => this.isClosed || signal.aborted;
    const hasRoom = (): boolean => this.unsentBytes + also() <= limitBytes;
    if (!isOver() && !hasRoom()) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          stop();
          signal.removeEventListener('abort', end);
          resolve();
        };
        const stop = this.onMoved(() => {
          if (isOver() || hasRoom()) end();
        });
        signal.addEventListener('abort', end);
      });
    }
    return !isOver();
  }

  #look(): void {
    for (const listener of [...this.#watching]) listener();
  }
}
