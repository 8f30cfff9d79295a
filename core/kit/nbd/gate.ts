/** Lets in so many requests and so many bytes at a time; who has to wait is let in in turn. */
export class Gate {
  readonly #mostRequests: number;
  readonly #mostBytes: number;
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];
  #requests = 0;
  #bytes = 0;

  constructor(mostRequests: number, mostBytes: number) {
    this.#mostRequests = mostRequests;
    this.#mostBytes = mostBytes;
  }

  /** Resolves when there is room; `undefined` when there is at once. */
  enter(bytes: number): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) {
      this.#take(bytes);
      return;
    }
    return new Promise((enter) => this.#waiting.push({ bytes, enter }));
  }

  leave(bytes: number): void {
    this.#requests--;
    this.#bytes -= bytes;
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoom(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(next.bytes);
      next.enter();
    }
  }

  /** One is always let in, however large it is. */
  #hasRoom(bytes: number): boolean {
    if (this.#requests === 0) return true;
    return this.#requests < this.#mostRequests && this.#bytes + bytes <= this.#mostBytes;
  }

  #take(bytes: number): void {
    this.#requests++;
    this.#bytes += bytes;
  }
}
