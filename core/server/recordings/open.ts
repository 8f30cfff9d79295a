import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import type { Actor } from '../../shell/access/contract.ts';
import type { Log } from '../contract.ts';
import { headerLine, readHeader } from './asciicast.ts';
import type { Recorder, Recording, Recordings, ReplayHow } from './contract.ts';
import { lines } from './lines.ts';
import { FileRecorder } from './recorder.ts';
import { replayEvents } from './replay.ts';

const namePattern = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-[a-z0-9-]{1,40}\.cast$/;

export interface RecordingsOptions {
  readonly folder: string;
  /** Of one recording. Default is 64 MiB. */
  readonly maxBytes?: number;
  /** Of all recordings; the oldest go. Default is 4 GiB. */
  readonly keepBytes?: number;
  readonly log: Log;
  now(): number;
}

/** Recordings in a folder, one file each, mode 0600. @see docs/formats/recordings.md */
export function openRecordings(options: RecordingsOptions): Recordings {
  return new FolderOfRecordings(options);
}

class FolderOfRecordings implements Recordings {
  readonly #options: RecordingsOptions;
  readonly #maxBytes: number;
  readonly #keepBytes: number;

  constructor(options: RecordingsOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    this.#keepBytes = options.keepBytes ?? 4 * 1024 ** 3;
  }

  async begin(actor: Actor, size: { readonly columns: number; readonly rows: number }): Promise<Recorder> {
    const { folder, now, log } = this.#options;
    const startedAt = now();
    const stamp = new Date(startedAt).toISOString().replaceAll(/[:.]/g, '-');
    const id = `${stamp}-${
      actor.session
        .toLowerCase()
        .replaceAll(/[^a-z0-9-]/g, '-')
        .slice(0, 40) || 'session'
    }`;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await this.#makeRoom();
    const file = await open(join(folder, `${id}.cast`), 'wx', 0o600);
    const header = headerLine({ startedAt, ...size, who: actor.name, from: actor.from, session: actor.session });
    await file.writeFile(header);
    return new FileRecorder({ id, file, startedAt, maxBytes: this.#maxBytes, writtenBytes: header.length, log, now });
  }

  async list(): Promise<readonly Recording[]> {
    const found: Recording[] = [];
    for (const name of (await this.#names()).reverse()) {
      const recording = await this.#read(name);
      if (recording !== null) found.push(recording);
    }
    return found;
  }

  async replay(id: string, show: (text: string) => void | Promise<void>, how: ReplayHow): Promise<void> {
    const name = `${id}.cast`;
    const file = join(this.#options.folder, name);
    if (!namePattern.test(name) || (await this.#read(name)) === null) {
      throw new HoldfastError('SESSION_NOT_FOUND', `there is no recording ${safeText(id, 100)}`, {
        remedy: 'list the recordings to see what there is',
        facts: { recording: safeText(id, 100) },
      });
    }
    const stream = createReadStream(file, { highWaterMark: 64 * 1024 });
    try {
      await replayEvents(id, lines(stream), show, how);
    } finally {
      stream.destroy();
    }
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#options.folder).catch(() => []);
    return names.filter((name) => namePattern.test(name)).toSorted();
  }

  async #read(name: string): Promise<Recording | null> {
    let file: FileHandle | null = null;
    try {
      file = await open(join(this.#options.folder, name), 'r');
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(8192), 0, 8192, 0);
      const [line = ''] = buffer.toString('utf8', 0, bytesRead).split('\n');
      const header = readHeader(line);
      return header === null ? null : { id: name.slice(0, -'.cast'.length), ...header, sizeBytes: size };
    } catch {
      return null;
    } finally {
      await file?.close();
    }
  }

  /** The oldest go until one of the largest size fits. */
  async #makeRoom(): Promise<void> {
    const files: { readonly file: string; readonly size: number }[] = [];
    for (const name of await this.#names()) {
      const file = join(this.#options.folder, name);
      const found = await stat(file).catch(() => null);
      if (found !== null) files.push({ file, size: found.size });
    }
    let sum = files.reduce((all, { size }) => all + size, 0);
    for (const { file, size } of files) {
      if (sum + this.#maxBytes <= this.#keepBytes) return;
      await rm(file, { force: true });
      sum -= size;
    }
  }
}
