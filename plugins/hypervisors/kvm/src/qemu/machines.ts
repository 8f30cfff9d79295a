import { type Call, HoldfastError, isHoldfastError, throwIfCancelled } from '@holdfast/api';
import type { RunningMachine } from './inspect.ts';
import { holdsNoMachine, identityOf, inspect } from './inspect.ts';
import { Qmp } from './qmp.ts';
import type { Seen } from './seen.ts';
import type { SocketFolder } from './sockets.ts';
import { Turns } from './turns.ts';

/** How long a QEMU may take to answer when all are asked. */
const lookMs = 3_000;
/** How long it may take until it serves us, for a piece of work. */
const workMs = 30_000;
const atOnce = 8;

/** A machine of the list: one that answered, or a socket that did not. */
export type Listed =
  | { readonly kind: 'machine'; readonly found: RunningMachine }
  | { readonly kind: 'silent'; readonly name: string; readonly id: string; readonly problem: string };

/** The machines behind a folder of sockets. Talks with one QEMU take turns: it serves one at a time. */
export class Machines {
  readonly folder: SocketFolder;
  readonly #turns = new Turns();
  readonly #seen: Seen;

  constructor(folder: SocketFolder, seen: Seen) {
    this.folder = folder;
    this.#seen = seen;
  }

  /** All machines, in order of their sockets. A socket at which nobody listens is left of a machine that is off. */
  async *list(call: Call): AsyncGenerator<Listed> {
    throwIfCancelled(call.signal, 'listing machines');
    const names = await this.folder.names();
    for (let from = 0; from < names.length; from += atOnce) {
      throwIfCancelled(call.signal, 'listing machines');
      const some = await Promise.all(names.slice(from, from + atOnce).map((name) => this.#look(name, call)));
      await this.#seen.keep();
      for (const one of some) if (one !== null) yield one;
    }
  }

  /** Does a piece of work with a machine's QEMU. @throws `MACHINE_NOT_FOUND` when no QEMU runs it. */
  async with<T>(id: string, work: (qmp: Qmp, found: RunningMachine) => Promise<T>, call: Call): Promise<T> {
    const name = await this.nameOf(id, call);
    return await this.withName(
      name,
      async (qmp) => {
        const found = await inspect(qmp, name, this.folder.path);
        if (found.machine.id === id) return await work(qmp, found);
        throw notFound(id);
      },
      call,
    );
  }

  /** Does a piece of work with the QEMU at a socket, whatever machine it runs. */
  async withName<T>(name: string, work: (qmp: Qmp) => Promise<T>, call: Call, limitMs = workMs): Promise<T> {
    return await this.#turns.take(name, async () => {
      throwIfCancelled(call.signal, `talking to QEMU of ${name}`);
      await using qmp = await Qmp.connect(this.folder.qmp(name), { title: name, limitMs, signal: call.signal });
      return await work(qmp);
    });
  }

  /** The socket at which a machine runs. */
  async nameOf(id: string, call: Call): Promise<string> {
    const known = await this.#seen.of(id);
    if (known !== undefined && (await this.#isAt(id, known, call))) return known;
    for await (const one of this.list(call)) {
      if (one.kind === 'machine' && one.found.machine.id === id) return one.found.name;
      if (one.kind === 'silent' && one.id === id)
        throw new HoldfastError('ENDPOINT_UNREACHABLE', `${one.name}: ${one.problem}`, { facts: { machine: id } });
    }
    throw notFound(id);
  }

  async #isAt(id: string, name: string, call: Call): Promise<boolean> {
    try {
      return (await this.withName(name, (qmp) => identityOf(qmp, name), call)) === id;
    } catch (thrown) {
      if (isHoldfastError(thrown, 'MACHINE_NOT_FOUND')) return false;
      throw thrown;
    }
  }

  async #look(name: string, call: Call): Promise<Listed | null> {
    const long = this.folder.tooLong(name);
    if (long !== null) return { kind: 'silent', name, id: `socket-${name}`, problem: long };
    try {
      const found = await this.withName(name, (qmp) => inspect(qmp, name, this.folder.path), call, lookMs);
      if (holdsNoMachine(found.status)) return null;
      await this.#seen.note(name, found.machine.id);
      return { kind: 'machine', found };
    } catch (thrown) {
      if (!isHoldfastError(thrown) || thrown.code === 'CANCELLED') throw thrown;
      if (thrown.code === 'MACHINE_NOT_FOUND') return null;
      // What was there when it last answered is there still, as far as anybody knows.
      const id = (await this.#seen.at(name)) ?? `socket-${name}`;
      return { kind: 'silent', name, id, problem: thrown.message };
    }
  }
}

function notFound(id: string): HoldfastError {
  return new HoldfastError('MACHINE_NOT_FOUND', `no QEMU here runs the machine ${id}`, {
    remedy: 'start it, or see with `holdfast machine list` what runs',
    facts: { machine: id },
  });
}
