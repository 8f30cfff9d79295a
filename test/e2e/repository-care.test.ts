import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TemporaryHome } from '../cli/run-holdfast.ts';
import { noise } from '../engine/yard.ts';

const diskBytes = 6 * 1024 * 1024;

/** Bytes of all files below a folder. */
async function bytesIn(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) sum += (await stat(join(entry.parentPath, entry.name))).size;
  return sum;
}

interface Listed {
  readonly points: readonly { readonly point: string; readonly takenAt: number; readonly target: string }[];
}

test('what was forgotten gives its room back, what is kept comes back equal, and a relative takes a copy', async () => {
  await using home = await TemporaryHome.make();
  const disk = home.path('machines', 'web01', 'vda.raw');
  await mkdir(home.path('machines', 'web01'), { recursive: true });
  const first = noise(diskBytes, 1);
  const second = noise(diskBytes, 2);
  await writeFile(disk, first);
  const holdfast = async (line: string) => {
    const words = line.split(' ').map((word) => word.replace('~', home.folder));
    const ended = await home.run([...words, '--json']);
    expect(ended, `${line}\n${ended.stderr}\n${ended.stdout}`).toMatchObject({ code: 0 });
    return JSON.parse(ended.stdout);
  };
  await holdfast('init --target main --path ~/backup --recovery-file ~/words.txt --yes');
  await holdfast('endpoint add lab --use kvm --set folder=~/machines --yes');
  await holdfast('protect web01 --yes');
  await writeFile(disk, second);
  await holdfast('protect web01 --yes');
  const { points }: Listed = await holdfast('point list');
  expect(points).toHaveLength(2);
  const [newest, oldest] = points;
  await holdfast(`point forget ${oldest?.point} --yes`);

  const before = await bytesIn(home.path('backup'));
  const planned = await holdfast('repository prune main --dry-run');
  expect(planned.sweptBytes + planned.condemnedBytes).toBeGreaterThan(diskBytes);
  expect(await bytesIn(home.path('backup', 'packs'))).toBeGreaterThan(2 * diskBytes);
  const pruned = await holdfast('repository prune main --wait 1m --yes');
  expect(pruned.sweptBytes).toBeGreaterThan(diskBytes);
  const after = await bytesIn(home.path('backup'));
  expect(before - after).toBeGreaterThan(diskBytes);
  expect(after).toBeLessThan(1.5 * diskBytes);
  expect(await holdfast('repository check main --full')).toMatchObject({ points: 1, damage: [] });
  await holdfast('restore machine web01 --as web01-r --yes');
  expect((await readFile(home.path('machines', 'web01-r', 'vda.raw'))).equals(second)).toBe(true);

  await holdfast('target add second --use disk --path ~/second --family main --recovery-file ~/words-2.txt --yes');
  expect(await holdfast('repository sync main second --dry-run')).toMatchObject({ relation: 'family' });
  const synced = await holdfast('repository sync main second --yes');
  expect(synced.points).toMatchObject([
    { point: { point: newest?.point }, result: { wasThere: false }, problem: null },
  ]);
  expect(await holdfast('repository sync main second --yes')).toMatchObject({ points: [{ seemsThere: true }] });
  await rm(home.path('backup', 'packs'), { recursive: true });
  await holdfast('restore machine web01 --from second --as web01-s --yes');
  expect((await readFile(home.path('machines', 'web01-s', 'vda.raw'))).equals(second)).toBe(true);
}, 240_000);

/** Flips one bit in the middle of the largest pack. */
async function flipABit(packs: string): Promise<void> {
  let worst = { file: '', size: 0 };
  for (const entry of await readdir(packs, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const { size } = await stat(file);
    if (size > worst.size) worst = { file, size };
  }
  const bytes = await readFile(worst.file);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await chmod(worst.file, 0o600);
  await writeFile(worst.file, bytes);
}

test('a flipped bit is named with its place, repaired as far as it can be, and the next run makes its restore points whole; keys rotate', async () => {
  await using home = await TemporaryHome.make();
  const disk = home.path('machines', 'web01', 'vda.raw');
  await mkdir(home.path('machines', 'web01'), { recursive: true });
  const content = noise(diskBytes, 3);
  await writeFile(disk, content);
  const holdfast = async (line: string, code = 0) => {
    const words = line.split(' ').map((word) => word.replace('~', home.folder));
    const ended = await home.run([...words, '--json']);
    expect(ended, `${line}\n${ended.stderr}\n${ended.stdout}`).toMatchObject({ code });
    return ended;
  };
  await holdfast('init --target main --path ~/backup --recovery-file ~/words.txt --yes');
  await holdfast('endpoint add lab --use kvm --set folder=~/machines --yes');
  await holdfast('protect web01 --yes');
  await flipABit(home.path('backup', 'packs'));
  const checked = await holdfast('repository check main', 1);
  expect(checked.stdout + checked.stderr).toContain('holdfast repository repair main --dry-run');
  const planned = JSON.parse((await holdfast('repository repair main --dry-run')).stdout);
  expect(planned.plan.acts).toMatchObject([{ act: 'salvage' }]);
  expect(planned.plan.damage[0].concerns).toMatchObject([{ disk: 'vda' }]);
  await holdfast('repository repair main --yes', 1);
  await holdfast('protect web01 --yes');
  await holdfast('repository check main --full');
  await holdfast('repository key rotate main --yes', 6);
  const rotated = await holdfast('repository key rotate main --words file:~/words.txt --yes');
  expect(JSON.parse(rotated.stdout)).toMatchObject({ generation: 2 });
  await writeFile(disk, noise(diskBytes, 4));
  await holdfast('protect web01 --yes');
  await holdfast('repository check main --full');
  const listed = JSON.parse((await holdfast('point list')).stdout) as Listed;
  const oldest = listed.points.at(-1)?.point ?? '';
  await holdfast(`restore machine web01 --at ${oldest} --as web01-r --yes`);
  expect((await readFile(home.path('machines', 'web01-r', 'vda.raw'))).equals(content)).toBe(true);
}, 240_000);
