import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';
import { HoldfastError } from '@holdfast/api';
import type { Tty } from '../contract.ts';
import { colourDepth, erasesInColour } from './colour-depth.ts';
import { Listeners } from './listeners.ts';
import { restoreSequence } from './modes.ts';

const ending = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

/**
 * The terminal that this process was started in. Whatever ends the process, the terminal is given back as it was: the other screen left, the
 * cursor shown, mouse and paste modes off, lines edited and echoed again; what an uncaught exception has to say stays readable. (After
 * SIGKILL nobody can: whoever started the process sends `restoreSequence`.)
 * @throws {HoldfastError} `TERMINAL_UNFIT` when input or output is no terminal.
 */
export function localTty(): Tty & { close(): void } {
  return new LocalTty(process.stdin, process.stdout);
}

class LocalTty implements Tty {
  readonly depth = colourDepth(process.env.TERM ?? '', process.env);
  readonly erasesInColour = erasesInColour(process.env.TERM ?? '');
  readonly #input: ReadStream;
  readonly #output: WriteStream & { readonly fd: number };
  readonly #data = new Listeners<Uint8Array>();
  readonly #resized = new Listeners<void>();
  readonly #drained = new Listeners<void>();
  readonly #gone = new Listeners<void>();
  #pending = 0;
  #isClosed = false;
  /** Whether anything was written since the terminal was given back. Given back twice, it would jump to an older line. */
  #isTaken = false;

  constructor(input: ReadStream, output: WriteStream & { readonly fd: number }) {
    if (!input.isTTY || !output.isTTY) {
      throw new HoldfastError('TERMINAL_UNFIT', 'input or output is not a terminal', {
        remedy: 'run it in a terminal, or use `--plain` or a command with `--json`',
      });
    }
    this.#input = input;
    this.#output = output;
    input.setRawMode(true);
    input.on('data', this.#read).on('end', this.#left).on('error', this.#left).resume();
    output.on('resize', this.#resize).on('error', this.#left);
    process.on('SIGCONT', this.#goOn).on('SIGTSTP', this.#stop).on('exit', this.#restore);
    for (const signal of ending) process.on(signal, this.#end);
  }

  get columns(): number {
    return this.#output.columns;
  }

  get rows(): number {
    return this.#output.rows;
  }

  get pendingBytes(): number {
    return this.#pending;
  }

  write(text: string): void {
    if (this.#isClosed || text === '') return;
    this.#isTaken = !text.endsWith(restoreSequence);
    const size = Buffer.byteLength(text);
    this.#pending += size;
    this.#output.write(text, () => {
      this.#pending -= size;
      if (this.#pending === 0) this.#drained.tell();
    });
  }

  onDrain(listener: () => void): () => void {
    return this.#drained.add(listener);
  }

  onData(listener: (bytes: Uint8Array) => void): () => void {
    return this.#data.add(listener);
  }

  onResize(listener: () => void): () => void {
    return this.#resized.add(listener);
  }

  onClose(listener: () => void): () => void {
    return this.#gone.add(listener);
  }

  /** Lets go of the terminal, restored. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#restore();
    this.#isClosed = true;
    this.#input.off('data', this.#read).off('end', this.#left).off('error', this.#left).pause();
    this.#output.off('resize', this.#resize);
    // An error that comes late, when the window is closed already, must not end the process; so that listener stays.
    process.off('SIGCONT', this.#goOn).off('SIGTSTP', this.#stop).off('exit', this.#restore);
    for (const signal of ending) process.off(signal, this.#end);
  }

  readonly #read = (bytes: Uint8Array): void => this.#data.tell(bytes);
  readonly #resize = (): void => this.#resized.tell();

  readonly #left = (): void => {
    if (this.#isClosed) return;
    this.#gone.tell();
    this.close();
  };

  /** At once: the process may not live until the next turn. Of an uncaught exception Node tells only after `exit`, on the restored screen. */
  readonly #restore = (): void => {
    if (this.#isClosed) return;
    try {
      if (this.#isTaken) writeSync(this.#output.fd, restoreSequence);
      this.#isTaken = false;
      this.#input.setRawMode(false);
    } catch {
      // The window is gone.
    }
  };

  /** A signal that ends the process unless someone else listens; then theirs is the decision, and the end of the process restores. */
  readonly #end = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) > 1) return;
    this.#left();
    process.kill(process.pid, signal);
  };

  readonly #stop = (): void => {
    this.#restore();
    process.kill(process.pid, 'SIGSTOP');
  };

  /** The shell has used the terminal meanwhile: what was set is set again, and all is drawn anew. */
  readonly #goOn = (): void => {
    this.#input.setRawMode(false);
    this.#input.setRawMode(true);
    this.#resized.tell();
  };
}
