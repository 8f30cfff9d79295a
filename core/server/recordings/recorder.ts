import type { FileHandle } from 'node:fs/promises';
import type { Log } from '../contract.ts';
import { eventLine } from './asciicast.ts';
import type { Recorder } from './contract.ts';

const maxWaitingBytes = 4 * 1024 * 1024;

export interface RecorderParts {
  readonly id: string;
  readonly file: FileHandle;
  readonly startedAt: number;
  /** The file does not grow beyond this. */
  readonly maxBytes: number;
  /** Bytes of the header. */
  readonly writtenBytes: number;
  readonly log: Log;
  now(): number;
}

/**
 * Writes what is drawn into a file, in order, in the background. A disk that is full or slow never stops a session: what does not fit is left out, and the
 * recording says so.
 */
export class FileRecorder implements Recorder {
  readonly id: string;
  readonly #parts: RecorderParts;
  #waiting = '';
  #waitingBytes = 0;
  #bytes: number;
  #writing: Promise<void> | null = null;
  #isFull = false;
  #hasFailed = false;
  #lost = 0;
  #end: Promise<void> | null = null;

  constructor(parts: RecorderParts) {
    this.id = parts.id;
    this.#parts = parts;
    this.#bytes = parts.writtenBytes;
  }

  write(text: string): void {
    this.#add('o', text);
  }

  resize(columns: number, rows: number): void {
    this.#add('r', `${columns}x${rows}`);
  }

  close(): Promise<void> {
    this.#end ??= this.#finish();
    return this.#end;
  }

  #add(kind: 'o' | 'r', text: string): void {
    if (this.#end !== null || this.#isFull || this.#hasFailed) return;
    if (this.#waitingBytes > maxWaitingBytes) {
      this.#lost += 1;
      return;
    }
    const atMs = Math.max(0, this.#parts.now() - this.#parts.startedAt);
    if (this.#lost > 0) {
      const lost = this.#lost;
      this.#lost = 0;
      this.#put(eventLine({ atMs, kind: 'm', text: `${lost} frames are missing: the disk was too slow` }));
    }
    this.#put(eventLine({ atMs, kind, text }));
  }

  #put(line: string): void {
    const bytes = Buffer.byteLength(line);
    const full = eventLine({
      atMs: Math.max(0, this.#parts.now() - this.#parts.startedAt),
      kind: 'm',
      text: 'the recording ends here: it has its largest size',
    });
    if (this.#bytes + bytes + full.length > this.#parts.maxBytes) {
      this.#isFull = true;
      this.#waiting += full;
      this.#bytes += full.length;
      this.#parts.log('warn', `the recording ${this.id} has its largest size; what follows is not recorded`);
    } else {
      this.#waiting += line;
      this.#waitingBytes += bytes;
      this.#bytes += bytes;
    }
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting !== '') {
        const text = this.#waiting;
        this.#waiting = '';
        this.#waitingBytes = 0;
        await this.#parts.file.writeFile(text);
      }
    } catch (error) {
      this.#hasFailed = true;
      this.#waiting = '';
      this.#parts.log('error', `the recording ${this.id} cannot be written: ${String(error)}`);
    } finally {
      this.#writing = null;
    }
  }

  async #finish(): Promise<void> {
    await this.#writing;
    try {
      await this.#parts.file.sync();
    } catch (error) {
      this.#parts.log('error', `the recording ${this.id} is perhaps not durable: ${String(error)}`);
    }
    await this.#parts.file.close().catch(() => {});
  }
}
