import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { missingPeers } from './guest/run.ts';
import { Installation } from './holdfast.ts';
import { type Kind, type LiveGuest, leftovers } from './kinds/kind.ts';
import { kinds } from './kinds/kinds.ts';
import { copyServed, difference, ExportedDisk, served } from './proof.ts';
import { outcome, type Protected, quiesced } from './protected.ts';

const mebibyte = 1024 * 1024;
const known = { 'known/one.bin': noise(16 * mebibyte), 'known/two.txt': 'what stays as it is' };

describe.each(kinds)('$title', ({ start, needs }) => {
  test('a live machine that writes all the time is protected in full, then by what changed, byte for byte as it was when frozen, and boots again', async (ctx) => {
    const missing = missingPeers(needs);
    if (missing !== null) ctx.skip(missing);
    await using kind = await start();
    await using installation = await Installation.make();
    installation.env = kind.env;
    const guest = await kind.boot('web', [
      { sizeBytes: 96 * mebibyte, format: 'qcow2', files: known },
      { sizeBytes: 48 * mebibyte, format: 'qcow2', files: { 'known/three.txt': 'on the second disk' } },
    ]);
    await installation.must('endpoint', 'add', 'live', ...kind.endpoint, '--yes');
    const keys = [...guest.disks.keys()];

    let fullBytes = 0;
    for (const round of [1, 2, 3]) {
      await guest.sh(`head -c 300000 /dev/urandom > /mnt/vda/before-${round}; sync`);
      const hash = (await guest.sh(`sha256sum /mnt/vda/before-${round}`)).slice(0, 64);
      const { made, copies } = await whileStopped(installation, kind, guest, () =>
        guest.sh(`echo late > /mnt/vda/after-${round}; sync`),
      );
      console.log(`${kind.title}: run ${round}: ${made}`);

      if (round === 1) {
        fullBytes = made.readBytes;
        expect(made.reads).toEqual(keys.map((key) => expect.stringContaining(`full read of ${key}`)));
      } else {
        expect(made.reads).toEqual(keys.map((key) => expect.stringContaining(`incremental read of ${key}`)));
        expect(made.readBytes).toBeLessThan(fullBytes / 2);
      }
      expect(made.run.result.snapshot.consistency).toBe('filesystem');
      expect(await leftovers(kind, [guest], installation.home)).toEqual([]);

      const counters: number[] = [];
      for (const key of keys) {
        await using disk = await ExportedDisk.of(installation, made.point, key);
        expect(
          await difference(disk.file, copies.get(key) ?? 'no copy'),
          `${key} and another client's copy`,
        ).toBeNull();
        expect(await disk.complaints()).toBeNull();
        counters.push(await disk.counter());
        if (key !== keys[0]) continue;
        expect(await disk.sha256(`before-${round}`)).toBe(hash);
        if (round > 1) expect(await disk.content(`after-${round - 1}`)).not.toBeNull();
        expect(await disk.content(`after-${round}`)).toBeNull();
      }
      // The guest writes to one disk after the other: only copies of one instant are as near to each other.
      const [ahead = Number.NaN, behind = Number.NaN] = counters;
      expect([0, 1]).toContain(ahead - behind);
    }
    // Only what the newest restore point can be continued from is still tracked.
    expect(new Set((await kind.tracking(guest)).map((one) => one.split('/').at(-1)?.slice(0, 40))).size).toBe(1);

    await using restored = await kind.bootRestored(installation, guest);
    expect(restored.known()).toEqual(guest.known());
    expect(Object.keys(restored.known())).toHaveLength(3);
    expect(await restored.sh('ls /mnt/vda')).toContain('before-3');
    expect(await leftovers(kind, [guest], installation.home)).toEqual([]);
  });
});

/**
 * Protects a machine and stops Holdfast as soon as the guest is thawed again, while it reads: for the guest to write, and for another
 * client to copy the disks that are served, by their keys.
 */
async function whileStopped(
  installation: Installation,
  kind: Kind,
  guest: LiveGuest,
  write: () => Promise<unknown>,
): Promise<{ readonly made: Protected; readonly copies: ReadonlyMap<string, string> }> {
  const copies = new Map<string, string>();
  const keys = [...guest.disks.keys()];
  const run = installation.start('protect', guest.name, ...quiesced);
  await run.says('froze');
  run.child.kill('SIGSTOP');
  try {
    await write();
    for (const [socket, names] of await served(kind.folder)) {
      for (const [index, name] of names.toSorted().entries()) {
        const file = installation.path(`copy-${copies.size}.raw`);
        await rm(file, { force: true });
        await copyServed(socket, name, file);
        // It has the disk's key, or a name that ends with its number.
        const [, number] = name.match(/-(\d+)$/) ?? [];
        copies.set(keys.includes(name) ? name : (keys[Number(number ?? index)] ?? name), file);
      }
    }
  } finally {
    run.child.kill('SIGCONT');
  }
  const ended = await run.ended;
  if (ended.code !== 0) throw new Error(`protect ended with ${ended.code}: ${ended.stderr}`);
  return { made: await outcome(installation), copies };
}

/** Bytes that do not compress, the same each time. */
function noise(length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < length; at += 64) blocks.push(createHash('sha512').update(String(at)).digest());
  return Buffer.concat(blocks, length);
}
