import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { HoldfastError, type Plain } from '@holdfast/api';
import { replaceFile } from '../../config/replace-file.ts';
import { type Checkpoint, checkpointEvery, formatCheckpoint, nothingBefore, readCheckpoint } from './checkpoint.ts';
import type { AuditEntry } from './contract.ts';
import { formatEntry, formatHeader, parseEntry, parseHeader, sha256 } from './line.ts';
import { appendDurably, type FileEnd, firstLine, readEnd } from './log-file.ts';
import { makeKey, readKey, type SigningKey } from './signing-key.ts';

/** Files of an audit log. @see docs/formats/audit-log.md */
export const filesIn = (folder: string) => ({
  log: join(folder, 'log'),
  checkpoints: join(folder, 'checkpoints'),
  key: join(folder, 'key.pem'),
  lock: join(folder, 'lock'),
});

/** What somebody did, before it has its place in the log. */
export type Deed = Pick<AuditEntry, 'who' | 'from' | 'session' | 'what' | 'facts'>;

/** After these somebody may cut the power: what was done is vouched for at once. */
const sealing = new Set(['command.end', 'logout', 'approval.decided', 'break-glass']);
const dayMs = 86_400_000;
/** Lines in a row that are no entries; a crash leaves one, a crash while that is mended another. */
const mostTorn = 16;

/** Whose deed it is that a torn line was found. */
const nobody = { who: 'holdfast', from: 'local', session: 'audit' } as const;

/** Adds to a log while its lock is held. */
export class LogWriter {
  readonly #files: ReturnType<typeof filesIn>;
  readonly #log: string;
  readonly #key: SigningKey;
  readonly #now: () => number;
  #last: { readonly number: number; readonly hash: string; readonly at: number };
  #checkpoint: { readonly entry: number; readonly before: string; readonly isTorn: boolean };

  /** Looks at the log's end, begins one where there is none, and names what a crash has left. @throws `AUDIT_DAMAGED`. */
  static async begin(folder: string, now: () => number): Promise<LogWriter> {
    const files = filesIn(folder);
    const checkpoints = await readEnd(files.checkpoints);
    let log = await readEnd(files.log);
    if (log.bytes === 0) {
      if (checkpoints.bytes > 0) throw damaged(files.log, 'the log is gone, and what vouches for it is there');
      const header = formatHeader({ id: randomBytes(16).toString('hex'), madeAt: now() });
      await replaceFile(files.log, `${header}\n`, { mode: 0o600 });
      log = await readEnd(files.log);
    }
    const found = await readKey(files.key);
    if (found === 'damaged') throw damaged(files.key, 'the key that signs is no key');
    if (found === null && checkpoints.bytes > 0) throw damaged(files.key, 'the key that signed is gone');
    const writer = new LogWriter(
      files,
      await headerOf(files.log),
      found ?? (await makeKey(files.key)),
      now,
      checkpoints,
    );
    await writer.#mend(log);
    return writer;
  }

  private constructor(
    files: ReturnType<typeof filesIn>,
    header: { readonly id: string; readonly hash: string },
    key: SigningKey,
    now: () => number,
    checkpoints: FileEnd,
  ) {
    this.#files = files;
    this.#log = header.id;
    this.#key = key;
    this.#now = now;
    this.#last = { number: 0, hash: header.hash, at: 0 };
    this.#checkpoint = newestOf(checkpoints);
  }

  /** Adds an entry; durable when it answers, with the checkpoint that is due after it. */
  async add(deed: Deed): Promise<void> {
    const at = this.#now();
    const { number, at: before } = this.#last;
    const isNewDay = Math.floor(before / dayMs) < Math.floor(at / dayMs);
    if (number > 0 && (isNewDay || number % checkpointEvery === 0)) await this.vouch();
    await this.#write(deed, at, '');
    if (sealing.has(deed.what) || this.#last.number % checkpointEvery === 0) await this.vouch();
  }

  /** Signs for all that is there, unless somebody has. */
  async vouch(): Promise<void> {
    const { number: entry, hash } = this.#last;
    if (this.#checkpoint.entry >= entry) return;
    const { before, isTorn } = this.#checkpoint;
    const checkpoint: Checkpoint = { entry, hash, at: this.#now(), log: this.#log, before };
    const line = formatCheckpoint(checkpoint, this.#key);
    await appendDurably(this.#files.checkpoints, `${isTorn ? '\n' : ''}${line}\n`);
    this.#checkpoint = { entry, before: sha256(line), isTorn: false };
  }

  async #write(deed: Deed, at: number, start: string): Promise<void> {
    const number = this.#last.number + 1;
    const line = formatEntry({ number, at, ...deed, before: this.#last.hash });
    await appendDurably(this.#files.log, `${start}${line}\n`);
    this.#last = { number, hash: line.slice(-66, -2), at };
  }

  /** Finds the last whole entry, and names what stands behind it. */
  async #mend({ lines, torn, isWhole }: FileEnd): Promise<void> {
    const broken: Buffer[] = [];
    let last: AuditEntry | null = null;
    for (const line of lines) {
      last = parseEntry(line);
      if (last !== null || (isWhole && line === lines.at(-1))) break;
      broken.unshift(line);
      if (broken.length > mostTorn) break;
    }
    if (last === null && (!isWhole || broken.length > mostTorn)) {
      throw damaged(this.#files.log, 'its end holds no entry');
    }
    if (last !== null) this.#last = { number: last.number, hash: last.hash, at: last.at };
    if (torn.length > 0) await this.#mendTorn(torn, broken);
    if (broken.length > 0) await this.#name(broken, torn.length > 0);
    if (this.#checkpoint.entry > this.#last.number) {
      const { number } = this.#last;
      throw damaged(this.#files.log, `it ends at entry ${number}, and somebody vouched for ${this.#checkpoint.entry}`);
    }
  }

  /** A line that lacks nothing but its line feed gets it; any other is broken. */
  async #mendTorn(torn: Buffer, broken: Buffer[]): Promise<void> {
    const entry = parseEntry(torn);
    const { number, hash } = this.#last;
    if (entry === null || broken.length > 0 || entry.number !== number + 1 || entry.before !== hash) {
      broken.push(torn);
      return;
    }
    await appendDurably(this.#files.log, '\n');
    this.#last = { number: entry.number, hash: entry.hash, at: entry.at };
  }

  async #name(broken: readonly Buffer[], isOpen: boolean): Promise<void> {
    const lines: Plain = broken.map((line) => ({ bytes: line.length, sha256: sha256(line) }));
    await this.#write({ ...nobody, what: 'torn', facts: { lines } }, this.#now(), isOpen ? '\n' : '');
    if (this.#last.number % checkpointEvery === 0) await this.vouch();
  }
}

function newestOf({ lines, torn }: FileEnd): { entry: number; before: string; isTorn: boolean } {
  const isTorn = torn.length > 0;
  const before = isTorn ? torn : lines[0];
  const entry = lines.map(readCheckpoint).find((one) => one !== null)?.entry ?? 0;
  return { entry, before: before === undefined ? nothingBefore : sha256(before), isTorn };
}

async function headerOf(file: string): Promise<{ id: string; hash: string }> {
  const line = await firstLine(file);
  const header = parseHeader(line);
  if (header === null) throw damaged(file, 'it does not begin as an audit log of this version does');
  return { id: header.id, hash: sha256(line) };
}

export function damaged(file: string, why: string): HoldfastError {
  return new HoldfastError('AUDIT_DAMAGED', `nothing is changed: the audit log cannot be continued, ${why}`, {
    remedy: `\`holdfast audit verify\` says more; put back what is missing, or move the folder of ${file} away as it is: the next change begins a new log`,
    facts: { file },
  });
}
