import { array, assert, asyncProperty, boolean, constantFrom, nat, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { call, halfNew, openCollectLab } from '../collect/collect-lab.ts';
import { noise } from '../sample-disks.ts';
import { deduplicate, land, packBytes, text } from './landing-lab.ts';

const modes = ['immediate', 'deferred', 'off'] as const;

describe('modes of deduplication', () => {
  test('a disk comes back the same from all of them, whichever the restore points before were made with', async () => {
    await using one = await openCollectLab();
    let disk: Buffer = Buffer.concat([text('one', 600_000), noise('two', 300_000), Buffer.alloc(300_000)]);
    for (const dedupe of modes) {
      await land(one, 'm1', disk, dedupe);
      disk = halfNew(disk, dedupe);
      await land(one, 'm1', disk, dedupe);
      await land(one, 'm2', disk, dedupe);
    }
    await one.expectWhole();
  });

  test('an increment builds upon a restore point of another mode and reads what has changed only', async () => {
    await using one = await openCollectLab();
    for (const [number, dedupe] of modes.entries()) {
      const machine = `m${number}`;
      const base = text(machine, 1_048_576);
      const before = await land(one, machine, base, modes[(number + 1) % 3]);
      const next = Buffer.from(base);
      noise(machine, 65_536).copy(next, 131_072);
      const move = { extents: [{ offset: 131_072, length: 65_536 }], base: before.point };
      const stored = packBytes(one);
      await land(one, machine, next, dedupe, one.lab.repository, move);
      expect(packBytes(one) - stored).toBeLessThan(600_000);
    }
    await one.expectWhole();
  });

  test('immediate stores nothing again, deferred everything of an earlier run but nothing of its own, off all', async () => {
    await using one = await openCollectLab();
    const half = noise('half', 524_288);
    // Both halves begin where a window does not, so they are cut alike only within one run of windows.
    const disk = Buffer.concat([half, Buffer.alloc(4_194_304 - 524_288), half]);
    const taken = async (dedupe: (typeof modes)[number]): Promise<number> => {
      const before = packBytes(one);
      await land(one, 'm1', disk, dedupe);
      return (packBytes(one) - before) / half.length;
    };
    expect(await taken('immediate')).toBeCloseTo(1, 0);
    expect(await taken('immediate')).toBeLessThan(0.05);
    const deferred = await taken('deferred');
    expect(deferred).toBeGreaterThan(0.98);
    expect(deferred).toBeLessThan(1.1);
    expect(await taken('off')).toBeGreaterThan(1.98);
    await one.expectWhole();
  });

  test('off compresses, and names no pack that landed', async () => {
    await using one = await openCollectLab();
    await land(one, 'm1', text('plain', 1_048_576), 'off');
    expect(packBytes(one)).toBeLessThan(600_000);
    expect(one.store.names('landings/')).toEqual([]);
    expect((await deduplicate(one)).waited.packs).toBe(0);
  });

  test('what waits is told by the sums of the repository', async () => {
    await using one = await openCollectLab();
    await land(one, 'm1', text('plain', 1_048_576));
    const { landed } = await one.lab.repository.stats(call);
    expect(landed.bytes).toBe(packBytes(one));
    expect(landed.oldestAt).not.toBeNull();
    expect((await one.lab.repository.check('full', call)).damage).toEqual([]);
  });
});

test('any sequence of modes, passes and collections leaves every restore point whole', {
  timeout: 60_000,
}, async () => {
  const step = tuple(constantFrom(...modes), nat(2), nat(3), boolean());
  await assert(
    asyncProperty(array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      await using one = await openCollectLab({ workers: 0 });
      for (const [dedupe, machine, seed, isPass] of steps) {
        const disk = Buffer.concat([text(`s${seed}`, 200_000), noise(`n${seed % 2}`, 100_000)]);
        await land(one, `m${machine}`, disk, dedupe);
        if (!isPass) continue;
        await deduplicate(one);
        await one.collect();
      }
      await deduplicate(one);
      await one.collect();
      expect((await one.lab.repository.landed(call)).packs).toBe(0);
      await one.expectWhole();
    }),
    { numRuns: 8, seed: 20_261_123 },
  );
});
