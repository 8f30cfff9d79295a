import { appendFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { TemporaryHome } from './run-holdfast.ts';

/** A home with two targets: `main` on a disk, and `cab` of an added plugin that is not trusted. */
async function homeWithCabinet(): Promise<TemporaryHome> {
  const home = await TemporaryHome.make();
  const made = await home.run(['plugin', 'new', 'target', 'cabinet', '--yes']);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  const added = await home.run(['plugin', 'add', home.path('cabinet'), '--yes']);
  expect(added, added.stderr).toMatchObject({ code: 0 });
  const words = ['--path', home.path('disk'), '--recovery-file', home.path('words'), '--yes'];
  const init = await home.run(['init', ...words]);
  expect(init, init.stderr).toMatchObject({ code: 0 });
  const file = home.path('.config', 'holdfast', 'holdfast.config.yaml');
  await appendFile(file, `  cab:\n    use: cabinet\n    path: ${home.path('cab')}\n`);
  return home;
}

describe('a target whose plugin cannot be used', () => {
  it('is refused as not trusted, with the way to trust its plugin', async () => {
    await using home = await homeWithCabinet();
    const doctor = await home.run(['target', 'doctor', 'cab', '--json']);
    expect(doctor.code).toBe(5);
    expect(JSON.parse(doctor.stdout)).toMatchObject({ error: { code: 'PLUGIN_UNTRUSTED' } });
    expect(doctor.stdout).toContain('holdfast plugin trust cabinet');
  });

  it('keeps nothing else from working when its plugin was removed, and can be removed itself', async () => {
    await using home = await homeWithCabinet();
    const plan = await home.run(['plugin', 'remove', 'cabinet', '--dry-run']);
    expect(plan.stdout.replaceAll(/\s+/g, ' ')).toContain('target cab cannot be used without it');
    expect(await home.run(['plugin', 'remove', 'cabinet', '--yes'])).toMatchObject({ code: 0 });

    const [points, main, cab, list, validate] = await Promise.all([
      home.run(['point', 'list', '--json']),
      home.run(['target', 'doctor', 'main', '--json']),
      home.run(['target', 'doctor', 'cab', '--json']),
      home.run(['target', 'list', '--json']),
      home.run(['config', 'validate', '--json']),
    ]);
    expect(points.code).toBe(3);
    expect(JSON.parse(points.stdout)).toEqual({ points: [], silent: ['cab'] });
    expect(main, main.stdout).toMatchObject({ code: 0 });
    expect(cab.code).toBe(4);
    expect(JSON.parse(cab.stdout)).toMatchObject({ error: { code: 'PLUGIN_NOT_FOUND' } });
    expect(cab.stdout).toContain('target cab cannot be used');
    expect(cab.stdout).toContain('holdfast target remove cab');
    expect(JSON.parse(list.stdout)).toMatchObject({
      targets: [
        { name: 'main', pluginState: 'idle' },
        { name: 'cab', pluginState: 'missing' },
      ],
    });
    expect(validate.code).toBe(2);
    expect(validate.stdout).toContain('no plugin contributes a target');

    const removed = await home.run(['target', 'remove', 'cab', '--yes']);
    expect(removed, removed.stderr).toMatchObject({ code: 0 });
    expect(await home.run(['config', 'validate'])).toMatchObject({ code: 0 });
  });
});
