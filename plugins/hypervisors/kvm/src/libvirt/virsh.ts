import { randomBytes } from 'node:crypto';
import { HoldfastError } from '@holdfast/api';
import type { Host, RunOptions, RunResult } from '../ssh/host.ts';

/** Most that one pass over many domains says. */
const mostBatchBytes = 256 * 1024 * 1024;
/** A command line of Linux takes one word of 128 KiB. */
const mostBatchLine = 100_000;

/** libvirt on a host, as its own client reaches it. */
export class Virsh {
  readonly host: Host;
  readonly uri: string;

  constructor(host: Host, uri: string) {
    this.host = host;
    this.uri = uri;
  }

  /** Words that run virsh with some more, where something else has to. */
  argv(args: readonly string[], timed = false): readonly string[] {
    return ['virsh', ...(timed ? ['-t'] : []), '-q', '-c', this.uri, ...args];
  }

  /** Runs one command, and answers what it did whatever that is. @throws `ENDPOINT_UNREACHABLE` when libvirt is not there. */
  async attempt(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const done = await this.host.run(this.argv(args), options);
    this.#demandConnection(done);
    return done;
  }

  /** Runs one command that is expected to work; answers what it printed. @throws what `failure` makes of it, else. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const done = await this.attempt(args, options);
    if (done.exitCode === 0) return done.stdout;
    throw this.failure(done, args[0] ?? 'virsh');
  }

  /**
   * Runs many commands in one process, and answers what each printed; one that failed printed nothing or not all. What went wrong with it is asked for
   * one by one.
   */
  async batch(commands: readonly (readonly string[])[], options: RunOptions = {}): Promise<readonly string[]> {
    const nonce = randomBytes(12).toString('hex');
    const answers: string[] = [];
    let line = '';
    let first = 0;
    const flush = async (end: number): Promise<void> => {
      if (line === '') return;
      const done = await this.host.run(this.argv([line]), { maxBytes: mostBatchBytes, ...options });
      this.#demandConnection(done);
      answers.push(...splitBatch(done.stdout, nonce, first, end));
      line = '';
      first = end;
    };
    for (const [index, command] of commands.entries()) {
      const next = `echo <${nonce}:${index}>; ${command.map(virshWord).join(' ')}; `;
      if (line.length + next.length > mostBatchLine) await flush(index);
      line += next;
    }
    await flush(commands.length);
    return answers;
  }

  /** What a command that failed means. */
  failure(
    done: RunResult,
    what: string,
    code: 'ENDPOINT_UNREACHABLE' | 'DISK_UNWRITABLE' | 'MACHINE_BUSY' = 'ENDPOINT_UNREACHABLE',
  ): HoldfastError {
    const said = errorsIn(done.stderr);
    const facts = { host: this.host.title, uri: this.uri, command: what };
    if (/failed to get domain|Domain not found|no domain with matching/i.test(said))
      return new HoldfastError('MACHINE_NOT_FOUND', `the machine is not there (any more): ${said}`, { facts });
    if (/cannot acquire state change lock/.test(said))
      return new HoldfastError('MACHINE_BUSY', `libvirt is at work on the machine: ${said}`, {
        remedy: 'see what it is with `virsh domjobinfo`, and try again when it is over',
        facts,
      });
    return new HoldfastError(code, `${what} failed on ${this.host.title}: ${said}`, { facts });
  }

  #demandConnection(done: RunResult): void {
    const facts = { host: this.host.title, uri: this.uri };
    if (done.exitCode === 127 && !done.stdout)
      throw new HoldfastError('ENDPOINT_UNREACHABLE', `virsh is not there on ${this.host.title}`, {
        remedy: 'install libvirt’s client there (`libvirt-clients` or `libvirt-client`)',
        facts,
      });
    if (
      /failed to connect to the hypervisor|Cannot recv data|End of file while reading|client socket is closed/i.test(
        done.stderr,
      )
    )
      throw new HoldfastError(
        'ENDPOINT_UNREACHABLE',
        `libvirt does not answer on ${this.host.title}: ${errorsIn(done.stderr)}`,
        {
          remedy: `see that libvirtd or virtqemud runs there and that \`virsh -c ${this.uri} list\` works for the same user`,
          facts,
        },
      );
  }
}

/** A word as virsh's own command line takes it; its quotes are those of a shell. */
export const virshWord = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** What virsh complained about, on one line and not too long. */
export function errorsIn(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/^error: /, '').trim())
    .filter((line) => line !== '');
  return lines.join('; ').slice(0, 500) || 'it said nothing';
}

/** Answers of a batch: what stands between two marks. What was never reached is empty. */
export function splitBatch(text: string, nonce: string, first: number, end: number): readonly string[] {
  const answers = Array.from({ length: end - first }, () => '');
  const parts = text.split(new RegExp(`<${nonce}:(\\d{1,9})>`));
  for (let at = 1; at + 1 < parts.length; at += 2) {
    const index = Number(parts[at]) - first;
    if (index >= 0 && index < answers.length) answers[index] = parts[at + 1] ?? '';
  }
  return answers;
}
