import { describe, expect, test } from 'vitest';
import { missingPeers } from './guest/run.ts';
import { type LiveGuest, leftovers } from './kinds/kind.ts';
import { kinds } from './kinds/kinds.ts';
import { ExportedDisk } from './proof.ts';
import { newestRun, type Protected, protect, quiesced } from './protected.ts';
import { begin, thawed, type World } from './world.ts';

const mebibyte = 1024 * 1024;
const disk = { sizeBytes: 48 * mebibyte, format: 'qcow2', files: { 'known/one.txt': 'known' } } as const;

describe.each(kinds)('$title', ({ start, needs }) => {
  test('what tracks changes is lost in every way there is: the next run reads in full and says why, and the one after continues', async (ctx) => {
    const missing = missingPeers(needs);
    if (missing !== null) ctx.skip(missing);
    await using world = await begin(start, [disk]);
    const { kind, installation, guest } = world;
    const [key = ''] = guest.disks.keys();
    await proved(world, 'the first', await protect(installation, 'web'));

    await guest.quit();
    await guest.start();
    const kept = await proved(world, 'after QEMU ended in order', await protect(installation, 'web'));
    expect(kept.reads).toEqual([expect.stringContaining('incremental read')]);

    await guest.kill();
    await guest.start();
    const killed = await proved(world, 'after QEMU was killed', await protect(installation, 'web'));
    expect(killed.reads).toEqual([expect.stringMatching(/full read.*killed/)]);

    await kind.dropTracking(guest);
    const dropped = await proved(world, 'after somebody removed what tracks', await protect(installation, 'web'));
    expect(dropped.reads).toEqual([expect.stringMatching(/full read.*(removed|deleted|not there)/)]);

    await kind.grow(guest, key, 64 * mebibyte);
    const grown = await proved(world, 'after the disk grew', await protect(installation, 'web'), 64 * mebibyte);
    expect(grown.reads).toEqual([expect.stringMatching(/full read.*(grew|size changed)/)]);

    const again = await proved(world, 'the next', await protect(installation, 'web'), 64 * mebibyte);
    expect(again.reads).toEqual([expect.stringContaining('incremental read')]);
    expect(await leftovers(kind, [guest], installation.home)).toEqual([]);
  });

  test('QEMU killed in mid-run: the run fails and says so, nothing is left, and the next works', async (ctx) => {
    const missing = missingPeers(needs);
    if (missing !== null) ctx.skip(missing);
    await using world = await begin(start, [disk]);
    const { kind, installation, guest } = world;
    const run = installation.start('protect', 'web', ...quiesced);
    await run.says('froze');
    run.child.kill('SIGSTOP');
    await guest.kill();
    run.child.kill('SIGCONT');
    const ended = await run.ended;
    expect(ended.code, ended.stderr).toBe(1);
    const failed = await newestRun(installation);
    console.log(`${kind.title}: QEMU killed in mid-run: ${failed.error?.code}: ${failed.error?.message}`);
    expect(failed.state).toBe('failed');
    expect(await leftovers(kind, [], installation.home)).toEqual([]);

    await guest.start();
    await proved(world, 'after that', await protect(installation, 'web'));
    expect(await leftovers(kind, [guest], installation.home)).toEqual([]);
  });

  test('a guest without an agent is not frozen: the run says so at once', async (ctx) => {
    const missing = missingPeers(needs);
    if (missing !== null) ctx.skip(missing);
    await using world = await begin(start, [disk], { agent: false });
    const { kind, installation, guest } = world;
    await refused(world, 'no agent');
    await protect(installation, 'web', ['--quiesce', 'none', '--yes']);
    expect(await leftovers(kind, [guest], installation.home)).toEqual([]);
  });

  test('an agent that hangs: the run says so within its limit and the guest is not held; with the agent back the next works', async (ctx) => {
    const missing = missingPeers(needs);
    if (missing !== null) ctx.skip(missing);
    await using world = await begin(start, [disk]);
    const { kind, installation, guest } = world;
    await guest.sh('killall -STOP ld.so');
    await refused(world, 'the agent hangs');
    await guest.sh('killall -CONT ld.so');
    // What it was told while it hung does not freeze the guest afterwards.
    await guest.sh('sleep 2');
    await thawed(guest, 5_000);
    await proved(world, 'with the agent back', await protect(installation, 'web'));
    expect(await leftovers(kind, [guest], installation.home)).toEqual([]);
  });
});

/** A run that is refused for want of an agent, while the guest goes on. */
async function refused({ kind, installation, guest }: World, what: string): Promise<void> {
  const began = performance.now();
  const ended = await installation.run('protect', 'web', ...quiesced);
  expect(ended.code, ended.stderr).toBe(1);
  const { error } = await newestRun(installation);
  console.log(
    `${kind.title}: ${what}: ${error?.code} after ${Math.round(performance.now() - began)} ms: ${error?.message}`,
  );
  expect(error?.code).toMatch(/^(QUIESCE|GUEST)_UNAVAILABLE$/);
  await thawed(guest, 5_000);
  expect(await leftovers(kind, [guest], installation.home)).toEqual([]);
}

let marks = 0;

/** Proves a restore point by what the guest wrote and synced before the next one; answers it, for more. */
async function proved(world: World, what: string, made: Protected, sizeBytes = disk.sizeBytes): Promise<Protected> {
  const { kind, installation, guest } = world;
  console.log(`${kind.title}: ${what}: ${made}`);
  await using exported = await ExportedDisk.of(installation, made.point, [...guest.disks.keys()][0] ?? '');
  expect(await exported.size()).toBe(sizeBytes);
  expect(await exported.complaints()).toBeNull();
  const before = written.get(guest);
  if (before !== undefined) expect(await exported.sha256(before.path)).toBe(before.hash);
  marks += 1;
  const path = `mark-${marks}`;
  await guest.sh(`head -c 200000 /dev/urandom > /mnt/vda/${path}; sync`);
  written.set(guest, { path, hash: (await guest.sh(`sha256sum /mnt/vda/${path}`)).slice(0, 64) });
  return made;
}

const written = new WeakMap<LiveGuest, { readonly path: string; readonly hash: string }>();
