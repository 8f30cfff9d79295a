import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { pretendOlderNode, TemporaryHome } from '../cli/run-holdfast.ts';

const size = ['--size', '16MiB'];

interface Report {
  readonly isEqual: boolean;
  readonly next: readonly string[];
  readonly folder: string;
  readonly first: { readonly newBytes: number };
  readonly second: { readonly newBytes: number };
  readonly compared: { readonly files: number };
}

it('the quickstart protects, restores and proves a machine equal; interrupted, it stops safely and goes on the next time', async () => {
  await using home = await TemporaryHome.make();
  const folder = home.path('.local/share/holdfast/quickstart');
  let isSent = false;
  // Through a launcher that has to re-run itself, so that the signal has the longer way.
  const stopped = await home.run(['quickstart', ...size], {
    nodeArgs: pretendOlderNode,
    onOutput: (text, child) => {
      if (isSent || !text.includes('[3/8]')) return;
      isSent = true;
      child.kill('SIGINT');
    },
  });
  expect(stopped.stderr).toContain('stopping safely');
  expect(stopped).toMatchObject({ code: 130, signal: null });
  expect((await stat(`${folder}/recovery-words.txt`)).mode & 0o777).toBe(0o600);

  const whole = await home.run(['quickstart', ...size, '--json']);
  expect(whole).toMatchObject({ code: 0 });
  const report = JSON.parse(whole.stdout) as Report;
  expect(report.isEqual).toBe(true);
  expect(report.compared.files).toBeGreaterThan(10);
  expect(report.second.newBytes).toBeLessThan(report.first.newBytes / 2);

  // The commands that it names work as they stand.
  for (const line of report.next) {
    const words = line.split(' ');
    const ended = await home.run(words.slice(words.indexOf('--home')));
    expect(ended).toMatchObject({ code: 0, stderr: '' });
  }
  const listed = await home.run(['--home', folder, 'machine', 'list', '--json']);
  expect(JSON.parse(listed.stdout)).toMatchObject({
    machines: [{ name: 'demo', points: 2 }, { name: 'demo-restored' }],
  });

  // Nothing was written where the user's own configuration lies.
  await expect(stat(home.path('.config'))).rejects.toThrow('ENOENT');
  const configured = await readFile(`${folder}/config/holdfast.config.yaml`, 'utf8');
  expect(configured).toContain('use: kvm');
}, 240_000);

it('the quickstart never takes a folder that holds other things, however it is asked', async () => {
  await using home = await TemporaryHome.make();
  await mkdir(home.path('precious'));
  await writeFile(home.path('precious/data'), 'not ours');
  const ended = await home.run(['quickstart', '--folder', home.path('precious'), '--fresh', '--size', '1MiB']);
  expect(ended).toMatchObject({ code: 6, stdout: '' });
  expect(ended.stderr).toContain('NAME_TAKEN');
  expect(await readdir(home.path('precious'))).toEqual(['data']);
});
