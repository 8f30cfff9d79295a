import { createConnection, type Socket } from 'node:net';
import { until } from './child.ts';

interface Said {
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
  readonly event?: string;
  readonly data?: unknown;
  readonly id?: number;
}

/** The tests' own way to QEMU's monitor or to the guest agent, apart from the one that Holdfast has. */
export class Monitor {
  readonly events: { readonly event: string; readonly data: unknown }[] = [];
  readonly #socket: Socket;
  readonly #answers = new Map<number, (said: Said) => void>();
  #asked = 0;
  #rest = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const answer of this.#answers.values())
        answer({ error: { class: 'Gone', desc: 'QEMU has closed the line' } });
    });
  }

  static async open(path: string, kind: 'qmp' | 'agent' = 'qmp'): Promise<Monitor> {
    const socket = await until(`QEMU listens at ${path}`, () => connect(path));
    const monitor = new Monitor(socket);
    if (kind === 'qmp') await monitor.ask('qmp_capabilities');
    return monitor;
  }

  async ask<T = unknown>(execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const id = ++this.#asked;
    const said = await new Promise<Said>((resolve) => {
      this.#answers.set(id, resolve);
      this.#socket.write(`${JSON.stringify({ execute, arguments: args, id })}\n`);
    });
    if (said.error !== undefined) throw new Error(`${execute}: ${said.error.desc}`);
    return said.return as T;
  }

  /** Waits for an event that has come or comes. */
  event(name: string, limitMs = 30_000): Promise<unknown> {
    return until(`QEMU says ${name}`, () => this.events.find((said) => said.event === name), limitMs);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      const said = JSON.parse(line.replace(/^\xff/, '')) as Said;
      if (said.event !== undefined) this.events.push({ event: said.event, data: said.data });
      const answer = said.id === undefined ? undefined : this.#answers.get(said.id);
      if (said.id !== undefined) this.#answers.delete(said.id);
      answer?.(said);
    }
  }
}

function connect(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}
