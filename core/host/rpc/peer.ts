import type { MessagePort } from 'node:worker_threads';
import type { LogLevel, Progress } from '@holdfast/api';
import { levelOf } from '../guard/plugin-call.ts';
import { Asking, type Post } from './asking.ts';
import { Exposures, Scope } from './exposures.ts';
import type { Handle, Message } from './messages.ts';
import { remoteService } from './remote-service.ts';
import { Serving } from './serving.ts';

/** What a peer tells its owner. */
export interface PeerEvents {
  /** A line that belongs to no call. */
  readonly log: (level: LogLevel, text: string) => void;
  /** Whether answers are being waited for. */
  readonly busy: (isBusy: boolean) => void;
  readonly ping: (n: number) => void;
  readonly pong: (n: number, memoryBytes: number) => void;
  /** The other side sent something that is no message. */
  readonly garbled: (reason: string) => void;
}

/** One end of a connection between the host and a plugin. Both ends are alike: each may serve and ask. */
export class Peer {
  readonly #port: MessagePort;
  readonly #events: PeerEvents;
  readonly #exposures = new Exposures();
  readonly #asking: Asking;
  readonly #serving: Serving;
  #isClosed = false;

  constructor(port: MessagePort, events: PeerEvents) {
    this.#port = port;
    this.#events = events;
    const post: Post = (message, transfer = []) => this.post(message, transfer);
    this.#asking = new Asking(post, this.#exposures, events.busy);
    this.#serving = new Serving(post, this.#exposures, this.#asking);
    port.on('message', (message: Message) => this.#receive(message));
    port.on('messageerror', (error) => events.garbled(error.message));
  }

  post(message: Message, transfer: readonly ArrayBuffer[] = []): void {
    if (!this.#isClosed) this.#port.postMessage(message, transfer);
  }

  /** Hands a service over for as long as the connection lives. */
  offer(name: string, target: object): Handle {
    return this.#exposures.add(name, target, new Scope());
  }

  /** A service that the other side has offered. */
  use(name: string, handle: Handle): object {
    return remoteService(name, handle, this.#asking, null);
  }

  /** Ends the connection: every answer that is waited for fails with this error. Idempotent. */
  break(error: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#asking.break(error);
    this.#serving.break(error);
    this.#exposures.clear();
    this.#port.close();
  }

  #receive(message: Message): void {
    try {
      this.#dispatch(message);
    } catch (thrown) {
      this.#events.garbled(thrown instanceof Error ? thrown.message : 'unreadable');
    }
  }

  #dispatch(message: Message): void {
    switch (message.t) {
      case 'call':
        void this.#serving.call(message.id, message.on, message.method, message.args);
        return;
      case 'done':
        this.#asking.done(message.id, message.value);
        return;
      case 'fail':
        this.#asking.failed(message.id, message.error);
        return;
      case 'abort':
        this.#serving.abort(message.id, message.error);
        return;
      case 'note':
        this.#asking.note(message.id, message.level, message.text);
        return;
      case 'progress':
        this.#asking.progress(message.id, message.progress as Progress);
        return;
      case 'items':
        this.#asking.items(message.id, message.items, message.costs);
        return;
      case 'more':
        this.#serving.more(message.id, message.credit);
        return;
      case 'stop':
        this.#serving.stop(message.id);
        return;
      case 'tell':
        this.#serving.tell(message.on, message.method, message.args);
        return;
      case 'log':
        this.#events.log(levelOf(message.level), String(message.text));
        return;
      case 'ping':
        this.#events.ping(message.n);
        return;
      case 'pong':
        this.#events.pong(message.n, message.memoryBytes);
        return;
      default:
        this.#events.garbled(`a message of kind ${String((message as { readonly t: unknown }).t)}`);
    }
  }
}
