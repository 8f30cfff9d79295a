import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fixture, practiceNames } from '@holdfast/api/testing';
import { expect, test } from 'vitest';
import { testPlugin } from '../../core/host/authoring/test-plugin.ts';
import { qemuFixture } from './hypervisors/kvm/qemu/conformance-fixture.ts';
import { missing } from './hypervisors/kvm/qemu/running.ts';

/** Why plain QEMU cannot be tried here; `null` when it can. */
const noQemu = missing();
if (noQemu !== null) console.warn(`skipped: plain QEMU is not held to the contract: ${noQemu}`);

/** 20,000 objects, each synced, are a matter of seconds in memory and of a minute on a busy disk. */
const inMemory = existsSync('/dev/shm') ? '/dev/shm' : undefined;

const plugins = join(import.meta.dirname, '../../plugins');

/** A folder with two raw images: 32 MiB with a little data in it, and 16 MiB of nothing. */
async function machineFolder(folder: string): Promise<string> {
  const machines = join(folder, 'machines');
  mkdirSync(machines);
  const image = Buffer.alloc(32 * 1024 * 1024);
  image.write('data at the start', 0);
  image.write('data in the middle', 20_000_000);
  writeFileSync(join(machines, 'alpha.img'), image);
  writeFileSync(join(machines, 'beta.img'), Buffer.alloc(16 * 1024 * 1024));
  return machines;
}

const fixed = (settings: Readonly<Record<string, string>>): Fixture => ({ prepare: async () => ({ settings }) });

const ours: readonly {
  readonly folder: string;
  readonly fixtures: Readonly<Record<string, Fixture>>;
  /** Contributions that are held to the contract elsewhere, and where. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}[] = [
  {
    folder: 'targets/disk',
    fixtures: {
      disk: { prepare: async (folder) => ({ settings: { path: join(folder, 'store'), create: true } }) },
    },
  },
  {
    folder: 'hypervisors/kvm',
    elsewhere: {
      libvirt: 'test/plugins/hypervisors/kvm/libvirt/conformance.test.ts',
      ...(noQemu === null ? {} : { qemu: noQemu }),
    },
    fixtures: {
      kvm: {
        prepare: async (folder) => ({ settings: { folder: await machineFolder(folder) }, snapshotsLeaveNothing: true }),
      },
      ...(noQemu === null ? { qemu: qemuFixture } : {}),
    },
  },
  { folder: 'tools/lab', fixtures: {} },
  { folder: 'techniques/snapshot', fixtures: { snapshot: fixed({ quiesce: 'none' }) } },
  {
    folder: 'techniques/proxy',
    fixtures: {
      proxy: fixed({ to: practiceNames.target }),
      restore: fixed({ to: practiceNames.endpoint, as: 'restored-machine' }),
    },
  },
];

for (const { folder, fixtures, elsewhere = {} } of ours) {
  test(`${folder} conforms in process and across a worker, with equal results`, { timeout: 240_000 }, async () => {
    const report = await testPlugin(join(plugins, folder), {
      fixtures,
      resolvesHere: true,
      ...(inMemory === undefined ? {} : { temporaryFolder: inMemory }),
    });
    expect(report.problems).toEqual([]);
    const contributed = report.contributions.filter((one) => one.kind !== 'command').map((one) => one.id);
    expect(contributed.toSorted()).toEqual([...Object.keys(fixtures), ...Object.keys(elsewhere)].toSorted());
    expect(report.contributions.length).toBeGreaterThan(0);
    for (const { id, kind, inProcess, acrossWorker, afterCrash, differences } of report.contributions) {
      if (kind !== 'command' && Object.hasOwn(elsewhere, id)) continue;
      for (const side of [inProcess, acrossWorker, afterCrash]) {
        const failed = side.results.filter((result) => !result.ok);
        expect(failed.map(({ name, failure }) => `${name}: ${failure}`)).toEqual([]);
      }
      expect(inProcess.results.length).toBeGreaterThan(0);
      expect(differences).toEqual([]);
    }
    if (Object.keys(elsewhere).length === 0) expect(report.ok).toBe(true);
  });
}
