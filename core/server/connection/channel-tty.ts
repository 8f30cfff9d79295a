import type { ServerChannel } from 'ssh2';
import type { ColourDepth, Tty, Undo } from '../tty.ts';
import type { WindowSize } from './window-size.ts';
import type { Wire } from './wire.ts';

const resizeEveryMs = 25;

/**
 * A terminal at the other end of a channel. Once the client has gone it is dead: writing does nothing, where ssh2 would throw from inside or
 * never call back.
 */
export class ChannelTty implements Tty {
  readonly depth: ColourDepth;
  readonly erasesInColour: boolean;
  notice: ((text: string) => void) | undefined = undefined;
  readonly #channel: ServerChannel;
  readonly #wire: Wire;
  readonly #written = new Set<(text: string) => void>();
  readonly #drain = new Set<() => void>();
  readonly #data = new Set<(bytes: Uint8Array) => void>();
  readonly #resize = new Set<() => void>();
  readonly #close = new Set<() => void>();
  #size: WindowSize;
  #resizing: NodeJS.Timeout | null = null;
  #stopWatching: (() => void) | null = null;
  #isDead = false;
  readonly #guard: (work: () => void) => void;

  /** @param guard Does what is given to it and keeps what it throws from the connection. */
  constructor(
    channel: ServerChannel,
    wire: Wire,
    size: WindowSize,
    colours: { readonly depth: ColourDepth; readonly erasesInColour: boolean },
    guard: (work: () => void) => void,
  ) {
    this.#channel = channel;
    this.#wire = wire;
    this.#size = size;
    this.depth = colours.depth;
    this.erasesInColour = colours.erasesInColour;
    this.#guard = guard;
  }

  get columns(): number {
    return this.#size.columns;
  }

  get rows(): number {
    return this.#size.rows;
  }

  get pendingBytes(): number {
    return this.#isDead ? 0 : this.#channel.writableLength + this.#wire.unsentBytes;
  }

  write(text: string): void {
    if (this.#isDead || text === '' || this.#wire.isClosed || !this.#channel.writable) return;
    this.#channel.write(Buffer.from(text, 'utf8'));
    for (const listener of this.#written) listener(text);
    if (this.pendingBytes > 0) this.#stopWatching ??= this.#wire.onMoved(() => this.#lookForDrain());
  }

  /** What somebody typed. */
  feed(bytes: Uint8Array): void {
    if (this.#isDead) return;
    for (const listener of [...this.#data]) this.#guard(() => listener(bytes));
  }

  /** A window that is dragged tells hundreds of sizes; some of them are enough. */
  resize(size: WindowSize): void {
    if (this.#isDead) return;
    this.#size = size;
    this.#resizing ??= setTimeout(() => {
      this.#resizing = null;
      this.repaint();
    }, resizeEveryMs).unref();
  }

  /** Has everything drawn again, as after a change of size. */
  repaint(): void {
    if (this.#isDead) return;
    for (const listener of [...this.#resize]) this.#guard(listener);
  }

  /** The client has gone. Idempotent. */
  die(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#stopWatching?.();
    if (this.#resizing !== null) clearTimeout(this.#resizing);
    for (const listener of [...this.#close]) this.#guard(listener);
    for (const set of [this.#written, this.#drain, this.#data, this.#resize, this.#close]) set.clear();
  }

  /** Sees all that is written, for those who look on and for recordings. */
  onWritten(listener: (text: string) => void): Undo {
    return added(this.#written, listener);
  }

  onDrain(listener: () => void): Undo {
    return added(this.#drain, listener);
  }

  onData(listener: (bytes: Uint8Array) => void): Undo {
    return added(this.#data, listener);
  }

  onResize(listener: () => void): Undo {
    return added(this.#resize, listener);
  }

  onClose(listener: () => void): Undo {
    return added(this.#close, listener);
  }

  #lookForDrain(): void {
    if (this.pendingBytes > 0) return;
    this.#stopWatching?.();
    this.#stopWatching = null;
    for (const listener of [...this.#drain]) this.#guard(listener);
  }
}

function added<T>(set: Set<T>, listener: T): Undo {
  set.add(listener);
  return () => void set.delete(listener);
}
