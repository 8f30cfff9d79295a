import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Checkpoint, checkpointEvery, nothingBefore, parseCheckpoint, readCheckpoint } from './checkpoint.ts';
import type { AuditEntry, AuditVerdict } from './contract.ts';
import { lineFeed, mostLineBytes, mostStrange, parseEntry, parseHeader, sha256 } from './line.ts';
import { readKey, type SigningKey } from './signing-key.ts';

interface Files {
  readonly log: string;
  readonly checkpoints: string;
  readonly key: string;
}

const mostProblems = 100;

/** Collects what is wrong; more than a hundred things are not told one by one. */
class Findings {
  readonly problems: { entry: number; problem: string }[] = [];
  #more = 0;

  add(entry: number, problem: string): void {
    if (this.problems.length < mostProblems) this.problems.push({ entry, problem });
    else this.#more += 1;
  }

  all(): AuditVerdict['problems'] {
    return this.#more === 0 ? this.problems : [...this.problems, { entry: 0, problem: `${this.#more} problems more` }];
  }
}

/**
 * Checks a log wholly.
 * @param sizes How much of each file counts: others may be adding to them.
 * @param head Hash of an entry that must be there.
 * @see docs/formats/audit-log.md §5
 */
export async function verifyLog(
  files: Files,
  sizes: { readonly log: number; readonly checkpoints: number },
  head?: string,
): Promise<AuditVerdict> {
  const findings = new Findings();
  const vouched = await readVouched(files, sizes.checkpoints, findings);
  const chain = new Chain(vouched, findings, head);
  if (sizes.log > 0) {
    await using handle = await open(files.log, constants.O_RDONLY | constants.O_NOFOLLOW);
    for await (const line of linesOf(handle, sizes.log)) {
      chain.take(line);
      if (chain.isHopeless) break;
    }
  }
  chain.end();
  return { entries: chain.entries, checkpoints: vouched.length, problems: findings.all() };
}

/** A line, and whether it ends in a line feed. One that is too long is cut: it is no entry anyway. */
interface Line {
  readonly bytes: Buffer;
  readonly isEnded: boolean;
}

async function* linesOf(handle: FileHandle, size: number): AsyncIterable<Line> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of handle.createReadStream({
    start: 0,
    end: size - 1,
    autoClose: false,
    highWaterMark: 1 << 20,
  })) {
    const bytes: Buffer = chunk;
    let from = 0;
    for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, from)) {
      yield { bytes: Buffer.concat([rest, bytes.subarray(from, at)]), isEnded: true };
      rest = Buffer.alloc(0);
      from = at + 1;
    }
    rest = Buffer.concat([rest, bytes.subarray(from)]).subarray(0, 2 * mostLineBytes);
  }
  if (rest.length > 0) yield { bytes: rest, isEnded: false };
}

/** Checkpoints that the key has signed, in order. */
async function readVouched(files: Files, size: number, findings: Findings): Promise<Checkpoint[]> {
  if (size === 0) return [];
  const run = new SignedRun(await usableKey(files.key, findings), findings);
  await using handle = await open(files.checkpoints, constants.O_RDONLY | constants.O_NOFOLLOW);
  let before = nothingBefore;
  let isBroken = false;
  let entry = 0;
  let strange = 0;
  for await (const { bytes, isEnded } of linesOf(handle, size)) {
    const said = readCheckpoint(bytes);
    const isLinked = said?.before === before;
    if (isBroken && !isLinked) findings.add(entry, 'a checkpoint is damaged');
    else if (said !== null && !isLinked) {
      findings.add(said.entry, 'a checkpoint before this one was removed, added or changed');
    }
    if (!isLinked) run.end();
    isBroken = said === null || !isEnded;
    before = sha256(bytes);
    strange = said === null ? strange + 1 : 0;
    if (strange > mostStrange) break;
    if (said === null) continue;
    if (said.entry <= entry) findings.add(said.entry, 'a checkpoint does not come after the one before it');
    entry = said.entry;
    run.add(said, bytes);
  }
  run.end();
  if (isBroken) findings.add(entry, 'the last checkpoint is cut short; the next change mends that if it was a crash');
  return run.vouched;
}

/**
 * Checkpoints of which each names the one before by its hash: who signed the last of them has signed for all. So a long log costs few of the
 * checks that take time.
 */
class SignedRun {
  readonly vouched: Checkpoint[] = [];
  readonly #key: SigningKey | null;
  readonly #findings: Findings;
  #run: { readonly said: Checkpoint; readonly bytes: Buffer }[] = [];

  constructor(key: SigningKey | null, findings: Findings) {
    this.#key = key;
    this.#findings = findings;
  }

  add(said: Checkpoint, bytes: Buffer): void {
    this.#run.push({ said, bytes });
  }

  /** What follows does not name what was added: the last one that is signed stands for those before it. */
  end(): void {
    const key = this.#key;
    let left = this.#run.length;
    for (const { said, bytes } of this.#run.toReversed()) {
      if (key === null || parseCheckpoint(bytes, key)?.isSigned === true) break;
      this.#findings.add(said.entry, 'a checkpoint was not signed with the key of this log');
      left -= 1;
    }
    // Without a key nothing is vouched for; that it is gone has been told.
    if (key !== null) for (const { said } of this.#run.slice(0, left)) this.vouched.push(said);
    this.#run = [];
  }
}

async function usableKey(file: string, findings: Findings): Promise<SigningKey | null> {
  const key = await readKey(file);
  if (key === null) findings.add(0, `the key ${file} is gone: no checkpoint can be checked`);
  else if (key === 'damaged') findings.add(0, `${file} is no key: no checkpoint can be checked`);
  else {
    if (key.isOpen) findings.add(0, `others than its owner may read ${file}: \`chmod 600\`, and find out who did`);
    return key;
  }
  return null;
}

/** Follows the chain from line to line. */
class Chain {
  entries = 0;
  /** Lines in a row that are no entries. */
  #strange = 0;
  readonly #vouched: readonly Checkpoint[];
  readonly #findings: Findings;
  readonly #head: string | undefined;
  #id: string | null = null;
  #before: string | null = null;
  #isHeadFound = false;
  /** Lines that are no entries since the last one that is. */
  #broken: Buffer[] = [];
  #isFirst = true;
  #isOpen = false;
  #next = 0;

  constructor(vouched: readonly Checkpoint[], findings: Findings, head: string | undefined) {
    this.#vouched = vouched;
    this.#findings = findings;
    this.#head = head;
  }

  take({ bytes, isEnded }: Line): void {
    if (!isEnded) this.#isOpen = true;
    if (this.#isFirst) {
      this.#isFirst = false;
      this.#takeHeader(bytes);
      return;
    }
    const entry = parseEntry(bytes);
    this.#strange = entry === null ? this.#strange + 1 : 0;
    if (entry === null) this.#broken.push(bytes.length > mostLineBytes ? bytes.subarray(0, mostLineBytes) : bytes);
    else this.#takeEntry(entry);
    // So that a file that is no log at all takes no memory.
    if (this.#broken.length > checkpointEvery) this.#tellBroken();
  }

  /** Whether what is read is no log any more. */
  get isHopeless(): boolean {
    return this.#strange > mostStrange;
  }

  end(): void {
    if (this.isHopeless)
      this.#findings.add(this.entries + 1, `${mostStrange} lines in a row are no entries: the rest is not looked at`);
    if (this.#isOpen) {
      const problem = 'the last line is cut short; if a process was killed, the next change names it and goes on';
      this.#findings.add(this.entries + 1, problem);
    } else this.#tellBroken();
    const newest = this.#vouched.at(-1);
    if (newest !== undefined && newest.entry > this.entries) {
      const lost = `the log ends at entry ${this.entries}, and a checkpoint vouches for ${newest.entry}: its end was cut off`;
      this.#findings.add(this.entries + 1, lost);
    }
    if (this.#head !== undefined && !this.#isHeadFound) {
      this.#findings.add(
        0,
        'no entry has the hash that was kept elsewhere: the log was cut off before it, or written anew',
      );
    }
    if (this.#isFirst && newest !== undefined) this.#findings.add(0, 'the log is gone');
  }

  #takeHeader(bytes: Buffer): void {
    const header = parseHeader(bytes);
    if (header === null) this.#findings.add(0, 'the log does not begin as one of this version does');
    this.#id = header?.id ?? null;
    this.#before = sha256(bytes);
  }

  #takeEntry(entry: AuditEntry): void {
    if (this.#broken.length > 0 && !names(entry, this.#broken)) this.#tellBroken();
    this.#broken = [];
    const { number, before, hash } = entry;
    if (number !== this.entries + 1) {
      const where = number > this.entries + 1 ? 'entries before it are missing' : 'it does not stand where it belongs';
      this.#findings.add(number, `number ${number} comes after ${this.entries}: ${where}`);
    } else if (before !== this.#before) {
      this.#findings.add(number, 'it does not follow the entry before it: one of them was put in or changed');
    }
    this.#before = hash;
    this.entries = number;
    if (hash === this.#head) this.#isHeadFound = true;
    this.#vouch(number, hash);
  }

  /** Holds the entry against what was signed for it. */
  #vouch(number: number, hash: string): void {
    for (
      let due = this.#vouched[this.#next];
      due !== undefined && due.entry <= number;
      due = this.#vouched[this.#next]
    ) {
      this.#next += 1;
      if (due.log !== this.#id) this.#findings.add(due.entry, 'a checkpoint is that of another log');
      else if (due.entry !== number)
        this.#findings.add(due.entry, 'a checkpoint vouches for an entry that is not there');
      else if (due.hash !== hash) this.#findings.add(number, 'it is not the entry that a checkpoint vouches for');
    }
    // The next one to write makes up for what a killed process could not.
    const required = number - 1;
    if (required <= 0 || required % checkpointEvery !== 0) return;
    if (!this.#vouched.slice(Math.max(0, this.#next - 2), this.#next).some((one) => one.entry === required)) {
      this.#findings.add(required, 'the checkpoint for it is missing');
    }
  }

  #tellBroken(): void {
    for (const line of this.#broken) {
      this.#findings.add(
        this.entries + 1,
        `a line of ${line.length} bytes after entry ${this.entries} is no entry, or was changed`,
      );
    }
    this.#broken = [];
  }
}

/** Whether an entry says of all these lines that a crash has left them. */
function names({ what, facts }: AuditEntry, broken: readonly Buffer[]): boolean {
  const { lines } = facts;
  if (what !== 'torn' || !Array.isArray(lines) || lines.length !== broken.length) return false;
  return broken.every((bytes, index) => {
    const told: unknown = lines[index];
    if (typeof told !== 'object' || told === null || !('sha256' in told) || !('bytes' in told)) return false;
    return told.bytes === bytes.length && told.sha256 === sha256(bytes);
  });
}
