import { serve } from './lane.ts';
import type { StartedLane, StartLane } from './started-lane.ts';
import type { Message, Port } from './wire.ts';

/** One end of a channel within a thread: messages are copied as between threads, and arrive after what is under way. */
class InlinePort implements Port {
  #other: InlinePort | null = null;
  #listener: ((message: Message) => void) | null = null;
  readonly #onFailure: (cause: unknown) => void;

  constructor(onFailure: (cause: unknown) => void) {
    this.#onFailure = onFailure;
  }

  connect(other: InlinePort): void {
    this.#other = other;
  }

  postMessage(message: Message, transfer: readonly ArrayBuffer[] = []): void {
    const other = this.#other;
    if (other === null) return;
    const copy = structuredClone(message, { transfer: [...transfer] });
    queueMicrotask(() => other.#receive(copy));
  }

  on(_event: 'message', listener: (message: Message) => void): void {
    this.#listener = listener;
  }

  close(): void {
    this.#other = null;
    this.#listener = null;
  }

  #receive(message: Message): void {
    try {
      this.#listener?.(message);
    } catch (cause) {
      this.#onFailure(cause);
    }
  }
}

/**
 * Starts a lane in the thread that asks for it: slower, but one thing happens at a time and in an order that can be had again. What it
 * is doing cannot be broken off: once ended it is heard no more, and waits for ever at its next question.
 */
export const startInlineLane: StartLane = (start): StartedLane => {
  const listeners: ((cause: unknown) => void)[] = [];
  const stop = (cause: unknown): void => {
    near.close();
    far.close();
    for (const listener of listeners.splice(0)) listener(cause);
  };
  const near = new InlinePort(stop);
  const far = new InlinePort(stop);
  near.connect(far);
  far.connect(near);
  serve(far, start, () => {});
  return {
    port: near,
    ref() {},
    unref() {},
    onEnd: (listener) => void listeners.push(listener),
    end: async () => stop(undefined),
  };
};
