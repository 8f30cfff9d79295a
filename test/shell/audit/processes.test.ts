import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anna, type Kept, keptLog } from './log.ts';

interface Writer {
  readonly child: ChildProcess;
  /** Entries that it said are durable. */
  durable(): number;
  readonly ended: Promise<unknown>;
}

function writer(kept: Kept, name: string, count: number): Writer {
  const script = join(import.meta.dirname, 'append-child.ts');
  const args = ['--disable-warning=ExperimentalWarning', script, kept.folder, name, String(count)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout?.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  return { child, durable: () => said.split('\n').length - 1, ended: once(child, 'close') };
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

async function indexesOf(kept: Kept, who: string): Promise<readonly unknown[]> {
  const entries = (await kept.audit.entries({ limit: 100_000 })).toReversed();
  return entries.filter((entry) => entry.who === who).map(({ facts }) => facts.index);
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('several processes that write to one audit log', { timeout: 180_000 }, () => {
  it('keep the chain whole with 500 entries each, while one of them is killed: nothing that was durable is lost', async () => {
    await using kept = await keptLog();
    const [first, second] = [writer(kept, 'first', 500), writer(kept, 'second', 500)];
    await until(() => first.durable() >= 200);
    first.child.kill('SIGKILL');
    await first.ended;
    await second.ended;
    expect(second.durable()).toBe(500);
    const { entries, problems } = await kept.audit.verify();
    expect(problems).toEqual([]);
    expect(entries).toBeGreaterThanOrEqual(500 + first.durable());
    expect(await indexesOf(kept, 'second')).toEqual(upTo(500));
    const survived = await indexesOf(kept, 'first');
    expect(survived.length).toBeGreaterThanOrEqual(first.durable());
    expect(survived).toEqual(upTo(survived.length));
  });

  it('go on after each of 12 kills at any moment, with nobody waiting for a dead one', async () => {
    await using kept = await keptLog();
    let durable = 0;
    for (let round = 0; round < 12; round++) {
      const victim = writer(kept, 'victim', 1_000);
      await until(() => victim.durable() >= 1 + round);
      victim.child.kill('SIGKILL');
      await victim.ended;
      durable += victim.durable();
    }
    await kept.audit.append(anna, 'command.end', {});
    const { entries, problems } = await kept.audit.verify();
    expect(problems).toEqual([]);
    expect(entries).toBeGreaterThan(durable);
  });

  it('take turns in one process too', async () => {
    await using kept = await keptLog();
    const logs = await Promise.all(Array.from({ length: 8 }, () => kept.again()));
    await Promise.all(logs.flatMap((log, index) => upTo(10).map((at) => log.append(anna, 'x', { index, at }))));
    await Promise.all(logs.map((log) => log.close()));
    expect(await kept.audit.verify()).toMatchObject({ entries: 80, problems: [] });
  });
});
