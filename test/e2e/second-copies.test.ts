import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { TemporaryHome } from '../cli/run-holdfast.ts';
import { noise } from '../engine/yard.ts';

const diskBytes = 24 * 1024 * 1024;

interface Listed {
  readonly points: readonly { readonly point: string; readonly takenAt: number; readonly target: string }[];
}

interface Plan {
  readonly relation: string;
  readonly points: readonly { readonly seemsThere: boolean; readonly leftOut: string | null }[];
}

test('a relative and a stranger take copies from processes that are killed, and each gives every byte back', async () => {
  await using home = await TemporaryHome.make();
  const disk = home.path('machines', 'web01', 'vda.raw');
  await mkdir(home.path('machines', 'web01'), { recursive: true });
  const run = (line: string, stopAt?: RegExp) => {
    const words = line.split(' ').map((word) => word.replace('~', home.folder));
    const options = stopAt === undefined ? {} : { onOutput: killAt(stopAt) };
    return home.run([...words, ...(stopAt === undefined ? ['--json'] : [])], options);
  };
  const holdfast = async (line: string) => {
    const ended = await run(line);
    expect(ended, `${line}\n${ended.stderr}\n${ended.stdout}`).toMatchObject({ code: 0 });
    return JSON.parse(ended.stdout);
  };
  await holdfast('init --target main --path ~/main --recovery-file ~/words.txt --yes');
  await holdfast('endpoint add lab --use kvm --set folder=~/machines --yes');
  const versions = [noise(diskBytes, 1), noise(diskBytes, 1)];
  noise(diskBytes >> 3, 2).copy(versions[1] ?? Buffer.alloc(0), 1000);
  for (const version of versions) {
    await writeFile(disk, version);
    await holdfast('protect web01 --yes');
  }
  await holdfast('target add second --use disk --path ~/second --family main --recovery-file ~/words-2.txt --yes');
  await holdfast('target add third --use disk --path ~/third --recovery-file ~/words-3.txt --yes');
  for (const [target, relation] of [
    ['second', 'family'],
    ['third', 'unrelated'],
  ] as const) {
    // Killed when it has told of the first restore point, in the middle of the second.
    const killed = await run(`repository sync main ${target} --yes`, /1\/2 the restore point/);
    expect(killed.signal).toBe('SIGKILL');
    const plan: Plan = await holdfast(`repository sync main ${target} --dry-run`);
    expect(plan).toMatchObject({ relation, points: [{ seemsThere: true }, { seemsThere: false, leftOut: null }] });
    const { points } = await holdfast(`repository sync main ${target} --yes`);
    expect(points).toMatchObject([{ result: { wasThere: false }, problem: null }]);
    expect(await holdfast(`repository check ${target} --full`)).toMatchObject({ points: 2, damage: [] });
  }
  const { points }: Listed = await holdfast('point list');
  expect(points).toHaveLength(6);
  const times = points.map(({ takenAt }) => takenAt).toSorted((a, b) => a - b);
  for (const { point, target, takenAt } of points) {
    if (target === 'main') continue;
    const as = `${target}-${takenAt}`;
    await holdfast(`restore machine web01 --at ${point} --from ${target} --as ${as} --yes`);
    const [file = ''] = await readdir(home.path('machines', as)).then((all) => all.filter((one) => /\.raw$/.test(one)));
    const bytes = await readFile(home.path('machines', as, file));
    expect(bytes.equals(versions[takenAt === times[0] ? 0 : 1] ?? Buffer.alloc(0)), as).toBe(true);
  }

  // What was forgotten there stays away; the same folder by another name is no copy.
  const oldest = points.find(({ target, takenAt }) => target === 'second' && takenAt === times[0])?.point;
  await holdfast(`point forget ${oldest} --target second --yes`);
  const plan: Plan = await holdfast('repository sync main second --dry-run');
  expect(plan.points.map(({ leftOut }) => leftOut)).toEqual(['forgotten', null]);
  expect((await holdfast('repository sync main second --again --yes')).points).toHaveLength(1);
  await symlink(home.path('main'), home.path('link'));
  const passphrase = `file:${home.path('.local', 'share', 'holdfast', 'keys', 'main.passphrase')}`;
  await holdfast(`target add alias --use disk --path ~/link --passphrase ${passphrase} --yes`);
  const refused = await run('repository sync main alias --yes');
  expect({ code: refused.code, error: JSON.parse(refused.stdout).error.code }).toEqual({ code: 2, error: 'USAGE' });
}, 300_000);

/** Kills a process when it says something. */
function killAt(pattern: RegExp): (text: string, child: { kill(signal: 'SIGKILL'): boolean }) => void {
  let said = '';
  return (text, child) => {
    said += text;
    if (pattern.test(said)) child.kill('SIGKILL');
  };
}
