import { expect, test } from 'vitest';
import type { JobStore, LogLine } from '../../core/catalog/contract.ts';
import { hostileStrings } from '../model/text/hostile-strings.ts';
import { claimed, runToAdd, step } from './samples.ts';
import type { MakeBench } from './store-bench.ts';

const line = (at: number): LogLine => ({ at, level: 'info', text: `line ${at}` });

/** Part of the job-store conformance suite: what a run says about itself, and that every text comes back. */
export function noteConformance(make: MakeBench<JobStore>): void {
  test('each decision of a run is told with its reason, in order', async () => {
    await using bench = await make();
    await bench.store.add(runToAdd('r1'));
    await bench.store.because('r1', { decision: 'full read of vda', because: 'no earlier point' });
    bench.clock.advance(5);
    await bench.peer.because('r1', { decision: 'kept', because: 'daily' });
    expect(await bench.store.reasons('r1')).toEqual([
      { at: bench.clock.now() - 5, decision: 'full read of vda', because: 'no earlier point' },
      { at: bench.clock.now(), decision: 'kept', because: 'daily' },
    ]);
    await expect(bench.store.because('nobody', { decision: '', because: '' })).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
    });
  });

  test('of a log the newest lines are shown, in the order in which they were written', async () => {
    await using bench = await make();
    await bench.store.add(runToAdd('r1'));
    await bench.store.log('r1', [line(1), line(2)]);
    await bench.peer.log('r1', [line(3)]);
    expect(await bench.store.logLines('r1', 2)).toEqual([line(2), line(3)]);
    expect(await bench.store.logLines('r1', 100)).toEqual([line(1), line(2), line(3)]);
    expect(await bench.store.logLines('r2', 100)).toEqual([]);
    await expect(bench.store.log('nobody', [line(1)])).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  test('10,000 lines of a log are kept, and no more', async () => {
    await using bench = await make();
    await bench.store.add(runToAdd('r1'));
    for (let start = 0; start < 12_000; start += 2_000)
      await bench.store.log(
        'r1',
        Array.from({ length: 2_000 }, (_, n) => line(start + n)),
      );
    const kept = await bench.peer.logLines('r1', 1_000_000);
    expect(kept.length).toBe(10_000);
    expect(kept[0]).toEqual(line(2_000));
    expect(kept.at(-1)).toEqual(line(11_999));
    await bench.store.log(
      'r1',
      Array.from({ length: 15_000 }, (_, n) => line(20_000 + n)),
    );
    expect((await bench.store.logLines('r1', 10_000)).at(0)).toEqual(line(25_000));
  });

  test('hostile strings are stored as data and come back as they were', async () => {
    await using bench = await make();
    const texts = [...new Set(['', '\u0001', '\0', 'a\0b', '\ud800', ...hostileStrings(300)])];
    for (const [n, text] of texts.entries())
      await bench.store.add(
        runToAdd(`r${n}${text}`, {
          endpoint: text,
          machine: text,
          machineName: text,
          who: text,
          createdAt: n,
          input: {},
        }),
      );
    const { lease } = await claimed(bench.store, texts.join(''), 1_000);
    const { run } = { run: 'r0' };
    await bench.store.saveStep(lease, step(run, { use: texts.join(''), checkpoint: texts }));
    await bench.store.log(
      run,
      texts.map((text) => ({ at: 0, level: 'warn', text })),
    );
    expect((await bench.peer.list({ limit: 10_000 })).map((other) => other.machineName).reverse()).toEqual(texts);
    for (const [n, text] of texts.entries())
      expect(await bench.peer.get(`r${n}${text}`)).toMatchObject({ endpoint: text, machine: text, who: text });
    expect(await bench.peer.list({ machine: "'; DROP TABLE runs; --" })).toHaveLength(
      texts.filter((text) => text === "'; DROP TABLE runs; --").length,
    );
    expect(lease.holder).toBe(texts.join(''));
    expect((await bench.peer.steps(run))[0]).toMatchObject({ use: texts.join(''), checkpoint: texts });
    expect((await bench.peer.logLines(run, 10_000)).map((logged) => logged.text)).toEqual(texts);
  });
}
