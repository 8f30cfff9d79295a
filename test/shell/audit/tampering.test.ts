import { copyFile, cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCheckpoint, readCheckpoint } from '../../../core/shell/audit/checkpoint.ts';
import { formatEntry, parseEntry, sha256 } from '../../../core/shell/audit/line.ts';
import { openAudit } from '../../../core/shell/audit/open.ts';
import { makeKey } from '../../../core/shell/audit/signing-key.ts';
import { anna, type Kept, keptLog } from './log.ts';

type File = 'log' | 'checkpoints';
/** Changes a file of a log that is whole; answers whether it is another one afterwards. */
type Mutation = (kept: Kept) => Promise<void>;

const linesOf = (bytes: Buffer): string[] => bytes.toString().split('\n').slice(0, -1);
const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const at = (part: number, length: number): number => Math.min(length - 1, Math.floor(part * length));

const onLines =
  (file: File, change: (lines: string[]) => readonly string[]): Mutation =>
  async (kept) =>
    kept.write(file, joined(change(linesOf(await kept.read(file)))));

const part = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const file = fc.constantFrom<File>('log', 'checkpoints');

/** The chain written anew from an entry on, by someone who knows the format and has not the key. */
function rechained(
  lines: readonly string[],
  from: number,
  change: (facts: Record<string, unknown>) => object,
): string[] {
  const anew = [...lines];
  for (let index = from; index < anew.length; index++) {
    const entry = parseEntry(Buffer.from(anew[index] ?? ''));
    if (entry === null) throw new Error('no entry');
    const before = index === from ? entry.before : (parseEntry(Buffer.from(anew[index - 1] ?? ''))?.hash ?? '');
    const facts = index === from ? (change({ ...entry.facts }) as typeof entry.facts) : entry.facts;
    anew[index] = formatEntry({ ...entry, facts, before });
  }
  return anew;
}

const mutations: Readonly<Record<string, fc.Arbitrary<Mutation>>> = {
  'a bit changed': fc.tuple(file, part, fc.nat(7)).map(([which, where, bit]) => async (kept) => {
    const bytes = await kept.read(which);
    const index = at(where, bytes.length);
    bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
    await kept.write(which, bytes);
  }),
  'a byte changed to another': fc
    .tuple(file, part, fc.integer({ min: 1, max: 255 }))
    .map(([which, where, by]) => async (kept) => {
      const bytes = await kept.read(which);
      const index = at(where, bytes.length);
      bytes[index] = ((bytes[index] ?? 0) + by) % 256;
      await kept.write(which, bytes);
    }),
  'a byte put in': fc.tuple(file, part, fc.nat(255)).map(([which, where, byte]) => async (kept) => {
    const bytes = await kept.read(which);
    const index = at(where, bytes.length);
    await kept.write(which, Buffer.concat([bytes.subarray(0, index), Buffer.from([byte]), bytes.subarray(index)]));
  }),
  'a byte taken out': fc.tuple(file, part).map(([which, where]) => async (kept) => {
    const bytes = await kept.read(which);
    const index = at(where, bytes.length);
    await kept.write(which, Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + 1)]));
  }),
  'an entry removed': part.map((where) => onLines('log', (lines) => lines.toSpliced(at(where, lines.length), 1))),
  'several entries removed': fc
    .tuple(part, fc.integer({ min: 2, max: 40 }))
    .map(([where, count]) => onLines('log', (lines) => lines.toSpliced(at(where, lines.length), count))),
  'a checkpoint before the last removed': part.map((where) =>
    onLines('checkpoints', (lines) => lines.toSpliced(at(where, lines.length - 1), 1)),
  ),
  'two lines swapped': fc.tuple(file, part, part).map(([which, one, other]) =>
    onLines(which, (lines) => {
      const first = at(one, lines.length);
      const second = (first + 1 + at(other, lines.length - 1)) % lines.length;
      return lines.with(first, lines[second] ?? '').with(second, lines[first] ?? '');
    }),
  ),
  'a line repeated': fc
    .tuple(file, part)
    .map(([which, where]) =>
      onLines(which, (lines) => lines.toSpliced(at(where, lines.length), 0, lines[at(where, lines.length)] ?? '')),
    ),
  'the end of the log cut off': part.map((where) => async (kept) => {
    const bytes = await kept.read('log');
    await kept.write('log', bytes.subarray(0, at(where, bytes.length)));
  }),
  'all written anew from an entry on, without the key': part.map((where) =>
    onLines('log', (lines) =>
      rechained(lines, 1 + at(where, lines.length - 1), (facts) => ({ ...facts, command: 'nothing.bad' })),
    ),
  ),
  'an entry put in and all after it written anew': part.map((where) =>
    onLines('log', (lines) => {
      const index = 1 + at(where, lines.length - 1);
      const twice = lines.toSpliced(index, 0, lines[index] ?? '');
      const moved = twice.map((line, position) => {
        const entry = position > index ? parseEntry(Buffer.from(line)) : null;
        return entry === null ? line : formatEntry({ ...entry, number: entry.number + 1 });
      });
      return rechained(moved, index + 1, (facts) => facts);
    }),
  ),
  'a checkpoint signed with another key': part.map((where) => async (kept) => {
    await using other = await keptLog(150);
    const theirs = linesOf(await other.read('checkpoints'));
    await onLines('checkpoints', (lines) =>
      lines.with(at(where, lines.length), theirs[at(where, theirs.length)] ?? ''),
    )(kept);
  }),
  'log and checkpoints of another installation': fc.constant(async (kept: Kept) => {
    await using other = await keptLog(160);
    for (const name of ['log', 'checkpoints'] as const) await kept.write(name, await other.read(name));
  }),
};

describe('whoever tampers with the audit log is found', () => {
  it('in each of 100 and more mutations of fourteen kinds', { timeout: 120_000 }, async () => {
    await using whole = await keptLog(150);
    await whole.audit.close();
    const original = { log: await whole.read('log'), checkpoints: await whole.read('checkpoints') };
    expect(await whole.audit.verify()).toMatchObject({ entries: 150, problems: [] });
    let found = 0;
    for (const [kind, mutation] of Object.entries(mutations)) {
      await fc.assert(
        fc.asyncProperty(mutation, async (mutate) => {
          await mutate(whole);
          const isSame =
            original.log.equals(await whole.read('log')) &&
            original.checkpoints.equals(await whole.read('checkpoints'));
          const { problems } = await whole.audit.verify();
          for (const name of ['log', 'checkpoints'] as const) await whole.write(name, original[name]);
          if (isSame) return;
          expect(problems.length, kind).toBeGreaterThan(0);
          found += 1;
        }),
        { numRuns: kind.includes('another') && !kind.includes('byte') ? 3 : 12 },
      );
    }
    expect(found).toBeGreaterThan(100);
    expect((await whole.audit.verify()).problems).toEqual([]);
  });

  it('and named where it was', async () => {
    await using kept = await keptLog(40);
    const lines = linesOf(await kept.read('log'));
    await kept.write('log', joined(lines.with(12, (lines[12] ?? '').replace('anna', 'emma'))));
    const { problems } = await kept.audit.verify();
    expect(problems[0]).toEqual({ entry: 12, problem: expect.stringContaining('no entry, or was changed') });
  });

  it('when the log and all its checkpoints are written anew by someone who has not the key', async () => {
    await using kept = await keptLog(40);
    const lines = rechained(linesOf(await kept.read('log')), 1, (facts) => ({ ...facts, command: 'nothing.bad' }));
    const hashes = lines.map((line) => parseEntry(Buffer.from(line))?.hash ?? '');
    const theirs = await makeKey(join(kept.folder, '..', 'their-key'));
    let before = '0'.repeat(64);
    const forged = linesOf(await kept.read('checkpoints')).map((line) => {
      const told = readCheckpoint(Buffer.from(line));
      if (told === null) throw new Error('no checkpoint');
      const anew = formatCheckpoint({ ...told, hash: hashes[told.entry] ?? '', before }, theirs);
      before = sha256(anew);
      return anew;
    });
    await kept.write('log', joined(lines));
    await kept.write('checkpoints', joined(forged));
    const { problems } = await kept.audit.verify();
    expect(problems).toHaveLength(forged.length);
    expect(problems[0]).toMatchObject({ problem: expect.stringContaining('not signed with the key') });
  });

  it('when log, checkpoints and key are all made anew, by the head that was kept elsewhere', async () => {
    await using kept = await keptLog(40);
    const head = await kept.audit.head();
    await using other = await keptLog(60);
    for (const name of ['log', 'checkpoints', 'key.pem']) {
      await copyFile(join(other.folder, name), join(kept.folder, name));
    }
    expect((await kept.audit.verify()).problems).toEqual([]);
    expect((await kept.audit.verify(head?.hash)).problems).toHaveLength(1);
  });

  it('when both files are cut off together, by the head that was kept elsewhere', async () => {
    await using kept = await keptLog(40);
    const earlier = join(kept.folder, '..', 'earlier');
    await cp(kept.folder, earlier, { recursive: true });
    await kept.audit.append(anna, 'command.end', { command: 'point.forget' });
    const head = await kept.audit.head();
    await rm(kept.folder, { recursive: true });
    await cp(earlier, kept.folder, { recursive: true });
    const again = await openAudit({ folder: kept.folder, now: () => kept.at });
    expect((await again.verify()).problems).toEqual([]);
    expect((await again.verify(head?.hash)).problems).toMatchObject([{ problem: expect.stringContaining('cut off') }]);
  });

  it('in a file that is no log at all, without taking time or memory for it', async () => {
    await using kept = await keptLog(3);
    await kept.write('log', Buffer.alloc(32 * 1024 * 1024, '\n'));
    const { problems } = await kept.audit.verify();
    expect(problems.length).toBeGreaterThan(50);
    expect(problems.length).toBeLessThanOrEqual(101);
    await kept.write('log', Buffer.alloc(8 * 1024 * 1024, 'x'));
    expect((await kept.audit.verify()).problems).not.toEqual([]);
    expect(await kept.audit.entries({ limit: 5 })).toEqual([]);
  });
});
