import type { Tty } from '../../../core/terminal/contract.ts';

/** A terminal that takes everything at once and counts it: what is measured is the screen, not who shows it. */
export interface Line {
  readonly tty: Tty;
  /** Bytes that were sent so far. */
  readonly bytes: number;
  type(packet: string): void;
  /** Calls once with the next thing that is sent. */
  onceSent(listener: () => void): void;
  hangUp(): void;
}

export function openLine(columns: number, rows: number): Line {
  const data = new Set<(bytes: Uint8Array) => void>();
  const gone = new Set<() => void>();
  let bytes = 0;
  let once: (() => void) | null = null;
  const nothing = () => () => {};
  const listen =
    <T>(set: Set<T>) =>
    (listener: T) => {
      set.add(listener);
      return () => void set.delete(listener);
    };
  const tty: Tty = {
    columns,
    rows,
    depth: 'truecolor',
    pendingBytes: 0,
    write(text) {
      bytes += Buffer.byteLength(text);
      const told = once;
      once = null;
      told?.();
    },
    onDrain: nothing,
    onData: listen(data),
    onResize: nothing,
    onClose: listen(gone),
  };
  return {
    tty,
    get bytes() {
      return bytes;
    },
    type(packet) {
      for (const listener of [...data]) listener(Buffer.from(packet));
    },
    onceSent(listener) {
      once = listener;
    },
    hangUp() {
      for (const listener of [...gone]) listener();
    },
  };
}
