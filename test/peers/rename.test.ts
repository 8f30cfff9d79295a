import { describe, expect, test } from 'vitest';
import { missingPeers } from './guest/run.ts';
import { kinds } from './kinds/kinds.ts';
import { ExportedDisk } from './proof.ts';
import { protect } from './protected.ts';
import { begin } from './world.ts';

const disk = { sizeBytes: 48 * 1024 * 1024, format: 'qcow2' } as const;

interface Points {
  readonly points: readonly { readonly machine: string; readonly machineName: string; readonly point: string }[];
}

describe.each(kinds)('$title', ({ start, needs }) => {
  test('a machine that was renamed while it was protected keeps its history', async (ctx) => {
    const missing = missingPeers(needs);
    if (missing !== null) ctx.skip(missing);
    await using world = await begin(start, [disk]);
    const { kind, installation, guest } = world;
    const before = await protect(installation, 'web');
    await guest.quit();
    await kind.rename(guest, 'shop');
    await guest.start();
    const after = await protect(installation, 'shop');
    console.log(`${kind.title}: renamed: ${after}`);
    expect(after.run.machine).toBe(before.run.machine);
    const { points } = await installation.json<Points>('point', 'list');
    expect(points.every(({ machine }) => machine === before.run.machine)).toBe(true);
    expect(points.map(({ point }) => point).toSorted()).toEqual([before.point, after.point].toSorted());
    await using exported = await ExportedDisk.of(installation, after.point, [...guest.disks.keys()][0] ?? '');
    expect(await exported.complaints()).toBeNull();
  });
});
