import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ServerChannel } from 'ssh2';
import { forgetSentPiece } from './ssh2-inside.ts';
import type { Wire } from './wire.ts';

const pieceBytes = 32 * 1024;
const unsentLimitBytes = 128 * 1024;
const bufferBytes = 64 * 1024;

/**
 * Standard output and error of a command. Pieces go one after another and only as fast as the client takes them: two that wait for the channel's window at
 * once are mixed up inside of ssh2. When the client has gone, what is written falls on the floor, so that the command can come to its safe end.
 */
export class Outlet {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly #channel: ServerChannel;
  readonly #wire: Wire;
  readonly #gone: AbortSignal;
  readonly #isTerminal: boolean;
  #tail: Promise<void> = Promise.resolve();

  /** @param isTerminal A terminal in raw mode reads it: lines end in CR LF, and standard error goes the same way. */
  constructor(channel: ServerChannel, wire: Wire, gone: AbortSignal, isTerminal: boolean) {
    this.#channel = channel;
    this.#wire = wire;
    this.#gone = gone;
    this.#isTerminal = isTerminal;
    this.stdout = this.#writable(channel);
    this.stderr = this.#writable(isTerminal ? channel : channel.stderr);
  }

  /** Ends both and waits until all of it has gone on its way. */
  async finish(): Promise<void> {
    for (const stream of [this.stdout, this.stderr]) if (!stream.writableEnded) stream.end();
    await Promise.allSettled([finished(this.stdout), finished(this.stderr)]);
    await this.#tail;
  }

  #writable(to: Writable): Writable {
    return new Writable({
      highWaterMark: bufferBytes,
      decodeStrings: true,
      write: (chunk: Buffer, _encoding, done) => {
        this.#tail = this.#tail.then(() => this.#send(to, this.#isTerminal ? withCarriageReturns(chunk) : chunk));
        this.#tail.then(() => done(), done);
      },
    });
  }

  async #send(to: Writable, bytes: Buffer): Promise<void> {
    const waiting = (): number => this.#channel.writableLength;
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      if (!(await this.#wire.room(unsentLimitBytes, this.#gone, waiting))) return;
      const piece = bytes.subarray(from, from + pieceBytes);
      if (!(await this.#sendPiece(to, piece))) return;
    }
  }

  #sendPiece(to: Writable, piece: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isSent: boolean): void => {
        this.#gone.removeEventListener('abort', stop);
        resolve(isSent);
      };
      const stop = (): void => end(false);
      if (this.#gone.aborted || !to.writable) return resolve(false);
      // ssh2 never calls back once the channel is closed.
      this.#gone.addEventListener('abort', stop);
      forgetSentPiece(this.#channel);
      to.write(piece, () => end(true));
    });
  }
}

function withCarriageReturns(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1');
}
