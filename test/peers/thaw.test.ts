import { describe, expect, test } from 'vitest';
import { missingPeers } from './guest/run.ts';
import { leftovers, processes } from './kinds/kind.ts';
import { kinds } from './kinds/kinds.ts';
import { ExportedDisk, md5 } from './proof.ts';
import { outcome, protect, quiesced } from './protected.ts';
import { begin, demandFrozen, thawed } from './world.ts';

const limitSeconds = 6;
const disk = { sizeBytes: 48 * 1024 * 1024, format: 'qcow2', files: { 'known/one.txt': 'known' } } as const;
const limited = [...quiesced, '--set', `snapshot.freezeSeconds=${limitSeconds}`];

describe.each(kinds)('$title', ({ start, needs }) => {
  test('a restore point holds what the guest itself reads from its frozen disks, byte for byte', async (ctx) => {
    const missing = missingPeers(needs);
    if (missing !== null) ctx.skip(missing);
    await using world = await begin(start, [disk, disk]);
    const { kind, installation, guest } = world;
    const hold = await kind.hold();
    const run = installation.start('protect', 'web', ...quiesced, '--set', 'snapshot.freezeSeconds=60');
    await hold.reached;
    // Past the guest's cache of the device: that of a mounted ext4 keeps blocks of its journal as they were before they were written again.
    const read = await guest.sh('for d in vda vdb; do dd if=/dev/$d bs=1M iflag=direct 2>/dev/null | md5sum; done');
    await hold.release();
    expect(await run.ended).toMatchObject({ code: 0 });
    const made = await outcome(installation);
    console.log(`${kind.title}: held while the guest read its disks: ${made}`);
    for (const [index, key] of [...guest.disks.keys()].entries()) {
      await using exported = await ExportedDisk.of(installation, made.point, key);
      expect(await md5(exported.file), key).toBe(read.split('\n')[index]?.slice(0, 32));
    }
  });

  test('Holdfast killed between freeze and thaw: the guest goes on within its limit, and the next run cleans up', async (ctx) => {
    const missing = missingPeers(needs);
    if (missing !== null) ctx.skip(missing);
    await using world = await begin(start, [disk]);
    const { kind, installation, guest } = world;
    const hold = await kind.hold();
    const run = installation.start('protect', 'web', ...limited);
    await hold.reached;
    await demandFrozen(guest);
    run.child.kill('SIGKILL');
    const thawedMs = await thawed(guest, limitSeconds * 1000);
    console.log(`${kind.title}: thawed ${thawedMs} ms after Holdfast was killed`);
    expect((await run.ended).signal).toBe('SIGKILL');
    // What was under way on the host goes on without anybody: a backup begins that nobody will end.
    await hold.release();

    const next = await protect(installation, 'web');
    console.log(`${kind.title}: the next run: ${next}`);
    expect(await leftovers(kind, [guest], installation.home)).toEqual([]);
    expect(new Set(await kind.tracking(guest)).size).toBe(1);
    await using exported = await ExportedDisk.of(installation, next.point, [...guest.disks.keys()][0] ?? '');
    expect(await exported.complaints()).toBeNull();
  });

  test('Holdfast and its watchdog killed between freeze and thaw: the timer in the guest thaws it at its limit', async (ctx) => {
    const missing = missingPeers(needs);
    if (missing !== null) ctx.skip(missing);
    await using world = await begin(start, [disk]);
    const { kind, installation, guest } = world;
    const hold = await kind.hold();
    const run = installation.start('protect', 'web', ...limited);
    await hold.reached;
    const watchdogs = (await processes([kind.folder, installation.home])).filter(({ words }) =>
      words.includes('holdfast-watchdog'),
    );
    expect(watchdogs.length).toBeGreaterThan(0);
    for (const { pid } of watchdogs) process.kill(pid, 'SIGKILL');
    run.child.kill('SIGKILL');
    const thawedMs = await thawed(guest, (limitSeconds + 3) * 1000);
    console.log(
      `${kind.title}: thawed ${thawedMs} ms after Holdfast and its watchdog were killed, limit ${limitSeconds} s`,
    );
    await hold.release();

    const next = await protect(installation, 'web');
    expect(await leftovers(kind, [guest], installation.home)).toEqual([]);
    expect(next.run.result.snapshot.consistency).toBe('filesystem');
    await thawed(guest, 5_000);
  });

  test('Holdfast killed while it reads: the next run removes export, scratch and job, and continues', async (ctx) => {
    const missing = missingPeers(needs);
    if (missing !== null) ctx.skip(missing);
    await using world = await begin(start, [disk]);
    const { kind, installation, guest } = world;
    await protect(installation, 'web');
    const run = installation.start('protect', 'web', ...limited);
    await run.says('froze');
    run.child.kill('SIGKILL');
    await run.ended;
    const left = await leftovers(kind, [guest], installation.home);
    expect(left, 'what the killed run left').not.toEqual([]);
    const next = await protect(installation, 'web');
    console.log(`${kind.title}: after a run that was killed: ${next}`);
    expect(await leftovers(kind, [guest], installation.home)).toEqual([]);
    // The restore point before the killed run is what is continued from.
    expect(next.reads).toEqual([expect.stringContaining('incremental read')]);
    await using exported = await ExportedDisk.of(installation, next.point, [...guest.disks.keys()][0] ?? '');
    expect(await exported.complaints()).toBeNull();
  });
});
