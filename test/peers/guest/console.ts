import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { until } from './child.ts';

/** The serial console of one boot of a guest. */
export class Console {
  /** All that the guest has printed. */
  text = '';
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (answer: { code: number; output: string }) => void>();
  #asked = 0;
  #seen = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    socket.on('error', () => {});
  }

  /** Waits until the guest has printed something. */
  async waitFor(text: string | RegExp, limitMs = 60_000): Promise<RegExpMatchArray> {
    const pattern = typeof text === 'string' ? new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : text;
    return await until(
      `the console says ${text}; it said: ${this.text.slice(-1500)}`,
      () => this.text.match(pattern),
      limitMs,
    );
  }

  /** Runs a command in the guest and gives what it printed. Several may be under way: one that waits for a frozen disk holds up no other. */
  async sh(command: string, limitMs = 60_000): Promise<string> {
    const number = ++this.#asked;
    const answered = new Promise<{ code: number; output: string }>((resolve) => this.#waiting.set(number, resolve));
    this.#socket.write(`${number} ${Buffer.from(command).toString('base64')}\n`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new Error(`the guest did not answer in ${limitMs} ms: ${command}; its console: ${this.text.slice(-800)}`),
          ),
        limitMs,
      );
    });
    const { code, output } = await Promise.race([answered, late]).finally(() => clearTimeout(timer));
    if (code !== 0) throw new Error(`in the guest, ${command} ended with ${code}: ${output}`);
    return output;
  }

  /** SHA-256 of each file under known/, by its path in the guest, as it was printed at boot. */
  known(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [, hash, path] of this.text.matchAll(/GUEST-KNOWN ([0-9a-f]{64}) +(\S+)/g)) {
      if (hash !== undefined && path !== undefined) found[path] = hash;
    }
    return found;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.text += text;
    while (true) {
      const end = this.text.indexOf('\n', this.#seen);
      if (end < 0) return;
      const line = this.text.slice(this.#seen, end).trim();
      this.#seen = end + 1;
      const [, number, code, output] = line.match(/^GUEST-DID (\d+) (\d+) ?(\S*)$/) ?? [];
      const waiting = this.#waiting.get(Number(number));
      if (waiting === undefined) continue;
      this.#waiting.delete(Number(number));
      waiting({ code: Number(code), output: Buffer.from(output ?? '', 'base64').toString() });
    }
  }
}

/** Where guests connect their serial console to, each time that they boot. Nothing of the first lines is lost so. */
export class Consoles {
  readonly socket: string;
  readonly #server: Server;
  readonly #arrived: Console[] = [];
  readonly #all: Console[] = [];

  private constructor(socket: string, server: Server) {
    this.socket = socket;
    this.#server = server;
    server.on('connection', (client) => {
      const console = new Console(client);
      this.#arrived.push(console);
      this.#all.push(console);
    });
  }

  static async listen(socket: string): Promise<Consoles> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket, resolve);
    });
    await chmod(socket, 0o777);
    return new Consoles(socket, server);
  }

  /** The console of the next boot. */
  next(limitMs = 30_000): Promise<Console> {
    return until('a guest opens its console', () => this.#arrived.shift(), limitMs);
  }

  /** The last that any of them printed, for messages. */
  said(): string {
    return this.#all.map((console) => console.text.slice(-1500)).join('\n');
  }

  async close(): Promise<void> {
    for (const console of this.#all) console.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
