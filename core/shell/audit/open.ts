import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { HoldfastError, isHoldfastError, type Plain } from '@holdfast/api';
import { holdLock } from '../../base/process-lock.ts';
import type { Actor } from '../access/contract.ts';
import { refusal } from '../setup/own-folder.ts';
import { boundedFacts, boundedText } from './bounded-facts.ts';
import type { Audit, AuditEntry, AuditVerdict } from './contract.ts';
import { bytesOf } from './log-file.ts';
import { newestEntries } from './newest.ts';
import { filesIn, LogWriter } from './writer.ts';

export interface AuditOptions {
  /** Folder of the log; made with the first entry. */
  readonly folder: string;
  readonly now: () => number;
}

/** The end of a log, to be kept elsewhere. */
export interface AuditHead {
  /** Number of the last entry; 0 where there is none. */
  readonly entry: number;
  readonly hash: string;
  readonly at: number;
}

/** The whole of an audit log, for those who look after it. */
export interface AuditLog extends Audit {
  /** `null` where nothing was ever written. */
  head(): Promise<AuditHead | null>;
  /** @param head Hash of an entry that must be there still, as `head` answered it. */
  verify(head?: string): Promise<AuditVerdict>;
  /** All bytes of the log, oldest entry first. */
  bytes(): AsyncIterable<Uint8Array>;
  /** Waits for what is being written, and vouches for it. */
  close(): Promise<void>;
}

/** Opens an audit log. Nothing is read or made before it is used, and no file stays open in between. */
export async function openAudit({ folder, now }: AuditOptions): Promise<AuditLog> {
  return new FileAudit(folder, now);
}

const mostName = 200;
const mostWhat = 60;

class FileAudit implements AuditLog {
  readonly #folder: string;
  readonly #now: () => number;
  #turn: Promise<void> = Promise.resolve();
  #hasWritten = false;

  constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
  }

  append(actor: Actor, what: string, facts: Readonly<Record<string, Plain>>): Promise<void> {
    const deed = {
      who: boundedText(actor.name, mostName),
      from: boundedText(actor.from, mostName),
      session: boundedText(actor.session, mostName),
      what: boundedText(what, mostWhat),
      facts: boundedFacts(facts),
    };
    return this.#inTurn(async (writer) => {
      this.#hasWritten = true;
      await writer.add(deed);
    });
  }

  entries({ limit, before }: { readonly limit: number; readonly before?: number }): Promise<readonly AuditEntry[]> {
    return newestEntries(filesIn(this.#folder).log, limit, before ?? Number.POSITIVE_INFINITY);
  }

  async head(): Promise<AuditHead | null> {
    const [last] = await this.entries({ limit: 1 });
    return last === undefined ? null : { entry: last.number, hash: last.hash, at: last.at };
  }

  async verify(head?: string): Promise<AuditVerdict> {
    const { verifyLog } = await import('./verify.ts');
    const files = filesIn(this.#folder);
    const sizes = await this.#sizes();
    return verifyLog(files, sizes, head);
  }

  async *bytes(): AsyncIterable<Uint8Array> {
    const { log } = filesIn(this.#folder);
    const size = (await this.#sizes()).log;
    if (size === 0) return;
    await using handle = await open(log, constants.O_RDONLY | constants.O_NOFOLLOW);
    yield* handle.createReadStream({ start: 0, end: size - 1, autoClose: false });
  }

  async close(): Promise<void> {
    await this.#turn;
    if (!this.#hasWritten) return;
    this.#hasWritten = false;
    await this.#inTurn((writer) => writer.vouch());
  }

  /** How long both files are at one moment, with nobody in the middle of writing. */
  async #sizes(): Promise<{ readonly log: number; readonly checkpoints: number }> {
    const { log, checkpoints, lock } = filesIn(this.#folder);
    if ((await bytesOf(log)) === 0 && (await bytesOf(checkpoints)) === 0) return { log: 0, checkpoints: 0 };
    // A copy on a medium that cannot be written is read all the same: nobody writes there.
    using _lock = await holdLock(lock).catch((problem: unknown) => {
      if (isHoldfastError(problem, 'FOLDER_UNWRITABLE')) return null;
      throw problem;
    });
    return { log: await bytesOf(log), checkpoints: await bytesOf(checkpoints) };
  }

  /** One after the other in this process, and with nobody else of any other. */
  #inTurn(work: (writer: LogWriter) => Promise<void>): Promise<void> {
    const mine = this.#turn.then(() => this.#locked(work));
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async #locked(work: (writer: LogWriter) => Promise<void>): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      using _lock = await holdLock(filesIn(this.#folder).lock);
      await work(await LogWriter.begin(this.#folder, this.#now));
    } catch (problem) {
      throw unwritten(this.#folder, problem);
    }
  }
}

/** Why something could not be written, as an error that says so. */
function unwritten(folder: string, problem: unknown): unknown {
  const known = refusal(folder, problem);
  if (isHoldfastError(problem, 'AUDIT_DAMAGED')) return problem;
  if (!isHoldfastError(known) && !(problem instanceof Error && 'code' in problem)) return problem;
  const why = known instanceof Error ? known.message : 'failed';
  const code = isHoldfastError(known) ? known.code : 'FOLDER_UNWRITABLE';
  return new HoldfastError(code, `the audit log cannot be written: ${why}`, {
    remedy: `see to ${folder}: it must belong to you and have room; nothing is changed that cannot be written down`,
    facts: { folder },
    cause: problem,
  });
}
