/** How many colours a terminal shows. */
export type ColourDepth = 'mono' | '16' | '256' | 'truecolor';

export type Undo = () => void;

/**
 * A person's terminal, as the workbench takes it. The same shape as that of the terminal front: fronts do not know each other, and what
 * opens the workbench is handed in.
 */
export interface Tty {
  readonly columns: number;
  readonly rows: number;
  readonly depth: ColourDepth;
  /** Whether what is erased gets the colour that is set. Default is `true`. */
  readonly erasesInColour?: boolean;
  write(text: string): void;
  /** Bytes that were written and that the client has not taken. */
  readonly pendingBytes: number;
  /** When `pendingBytes` has become 0 again. */
  onDrain(listener: () => void): Undo;
  onData(listener: (bytes: Uint8Array) => void): Undo;
  onResize(listener: () => void): Undo;
  /** The person has gone, or the line was cut. Writing from then on does nothing. */
  onClose(listener: () => void): Undo;
  /** Whoever draws on this terminal may set it, to show what the server has to say: that somebody looks on, that the session ends soon. */
  notice?: ((text: string) => void) | undefined;
}
