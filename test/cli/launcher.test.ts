import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pretendOlderNode as pretend, TemporaryHome } from './run-holdfast.ts';

const launcher = join(import.meta.dirname, '../../core/cli/holdfast.js');

describe('the launcher', () => {
  it('re-runs itself under the Node that the package brings, passing output and exit code on', async () => {
    await using home = await TemporaryHome.make();
    const version = await home.run(['--version'], { nodeArgs: pretend });
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(/on Node 2[4-9]/);
    expect(await home.run(['florp'], { nodeArgs: pretend })).toMatchObject({ code: 2, stdout: '' });
  });

  it('names the remedy in one line where no new enough Node is to be had', async () => {
    await using home = await TemporaryHome.make();
    await mkdir(home.path('lone/core/cli'), { recursive: true });
    await copyFile(launcher, home.path('lone/core/cli/holdfast.js'));
    await writeFile(home.path('lone/package.json'), '{"type":"module"}');
    const ended = await home.run(['--version'], {
      nodeArgs: pretend,
      launcher: home.path('lone/core/cli/holdfast.js'),
    });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^holdfast: needs Node 24 or later, this is 20\.11\.1: install Node 24 .*\n$/);
  });
});
