import { type Call, makeCall, type Progress } from '@holdfast/api';

const PHASE = 'copying chunks';

/** Tells how far the copy of a disk has got, of all its data: what is looked up and there already is done at once, what has to travel bit by bit. */
export class DiskProgress {
  readonly #call: Call;
  readonly #totalBytes: number;
  readonly #began = performance.now();
  /** Data whose whereabouts are known. */
  #knownBytes = 0;
  #doneBytes = 0;

  constructor(call: Call, totalBytes: number) {
    this.#call = call;
    this.#totalBytes = totalBytes;
  }

  /** So much of the disk's data has been looked up. */
  add(bytes: number): void {
    this.#knownBytes += bytes;
  }

  /** @param pendingBytes Of what was looked up, what has to travel still. */
  tell(pendingBytes: number, about: Progress | null = null): void {
    this.#doneBytes = Math.max(this.#doneBytes, Math.round(this.#knownBytes - pendingBytes));
    const perMs = this.#doneBytes / Math.max(1, performance.now() - this.#began);
    const { bytesPerSecond, bottleneck } = about ?? {};
    this.#call.progress({
      phase: PHASE,
      doneBytes: this.#doneBytes,
      totalBytes: this.#totalBytes,
      ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
      ...(perMs > 0 ? { etaMs: Math.round((this.#totalBytes - this.#doneBytes) / perMs) } : {}),
      ...(bottleneck === undefined ? {} : { bottleneck }),
    });
  }

  /** For those who move what is pending: what they say of their part is told of the whole. */
  callFor(pendingBytes: number): Call {
    const progress = (part: Progress): void => {
      const { doneBytes = 0, totalBytes = 0 } = part;
      this.tell(totalBytes > 0 ? pendingBytes * Math.max(0, 1 - doneBytes / totalBytes) : pendingBytes, part);
    };
    return makeCall({ ...this.#call, log: (level, text) => this.#call.log(level, text), progress });
  }
}
