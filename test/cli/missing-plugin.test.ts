import { appendFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { instanceProblems } from '../../core/config/check-instance.ts';
import { known } from '../config/site.ts';
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

describe('a target that is about to be added', () => {
  it('is checked by a dry run as by the real thing: plugin, trust, settings, with the flag that is wrong', async () => {
    await using home = await TemporaryHome.make();
    await home.run(['plugin', 'new', 'target', 'cabinet', '--yes']);
    await home.run(['plugin', 'add', home.path('cabinet'), '--yes']);
    const plan = (...args: string[]) => home.run(['target', 'add', 'cab', '--dry-run', '--json', ...args]);
    const [unknown, untrusted, secret, good, init] = await Promise.all([
      plan('--use', 'florp'),
      plan('--use', 'cabinet', '--set', 'path=/x'),
      plan('--use', 'disk', '--path', '/x', '--passphrase', 'canary in the open'),
      plan('--use', 'disk', '--set', 'path=/x'),
      home.run(['init', '--use', 'disk', '--set', 'path=/y', '--dry-run', '--json']),
    ]);
    expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { code: 'PLUGIN_NOT_FOUND' } });
    expect(JSON.parse(untrusted.stdout)).toMatchObject({ error: { code: 'PLUGIN_UNTRUSTED', exit: 5 } });
    expect(JSON.parse(secret.stdout)).toMatchObject({ error: { code: 'USAGE', facts: { setting: 'passphrase' } } });
    expect(secret.stdout).toContain('--passphrase: must be a reference');
    expect(secret.stdout).not.toContain('canary');
    expect(good, good.stdout).toMatchObject({ code: 0 });
    expect(JSON.parse(init.stdout)).toMatchObject({ dryRun: true, instance: { use: 'disk', path: '/y' } });
  });

  it('has a setting refused with its flag and what the schema says that it is', async () => {
    const wrong = instanceProblems(
      'targets',
      'main',
      { use: 'disk', path: 'somewhere' },
      {
        ...known,
        targets: {
          disk: { type: 'object', properties: { path: { type: 'string', pattern: '^/', description: 'The folder.' } } },
        },
      },
    );
    expect(wrong).toEqual([{ setting: 'path', message: 'does not match ^/', description: 'The folder.' }]);
  });
});

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
