import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { beforeEach, expect, test } from 'vitest';
import { openQemu } from '../../../../../plugins/hypervisors/kvm/src/qemu/open.ts';
import { makeGuestDisk } from '../../../../peers/guest/disk.ts';
import { startQemu } from '../../../../peers/guest/qemu.ts';
import { missingPeers } from '../../../../peers/guest/run.ts';
import { MiB } from '../qemu/running.ts';

const why = missingPeers();
beforeEach((ctx) => {
  if (why !== null) ctx.skip(why);
});

const id = '11111111-2222-3333-4444-555555555555';
const more = ['-uuid', id];

test('a machine moves while it runs, with its disk, to a QEMU that waits; when it cannot, it goes on where it was', {
  timeout: 240_000,
}, async () => {
  const root = await mkdtemp('/tmp/hfm-');
  const folder = join(root, 's');
  await mkdir(folder);
  const disk = (name: string) => ({ file: join(root, `${name}.qcow2`), format: 'qcow2' as const });
  await makeGuestDisk(disk('here').file, {
    sizeBytes: 64 * MiB,
    format: 'qcow2',
    files: { 'known/one.txt': 'as it was' },
  });
  for (const name of ['small', 'there']) {
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', disk(name).file, String(64 * MiB)]);
  }
  const call = makeCall();
  const hypervisor = await openQemu(
    { name: 'here', settings: { sockets: folder }, secret: () => Promise.reject(new Error('none')) },
    join(root, 'data'),
    call,
  );
  const listed = async (): Promise<readonly string[]> => {
    const names: string[] = [];
    for await (const { id: found, disks } of hypervisor.machines(call)) names.push(`${found} ${disks[0]?.location}`);
    return names;
  };
  try {
    await using here = await startQemu({ folder, name: 'here', disks: [disk('here')], more });
    const written = async (): Promise<number> => Number(await here.sh('cat /tmp/written'));
    for (const to of [
      { host: 'nowhere', mode: 'live' as const },
      { host: 'here', mode: 'off' as const },
    ]) {
      await expect(hypervisor.migrate?.(id, to, call)).rejects.toMatchObject({
        code: expect.stringMatching(/^(MACHINE_NOT_FOUND|UNSUPPORTED)$/),
      });
    }
    {
      // Less memory: QEMU notices only when the move is under way.
      const wish = { folder, name: 'small', disks: [disk('small')], memoryMiB: 128, incoming: 'defer', more };
      await using _small = await startQemu(wish);
      expect(await listed()).toEqual([`${id} ${disk('here').file}`]);
      await expect(hypervisor.migrate?.(id, { host: 'small', mode: 'live' }, call)).rejects.toMatchObject({
        code: 'ENDPOINT_UNREACHABLE',
      });
    }
    expect(await here.monitor.ask('query-status')).toMatchObject({ status: 'running' });
    expect(await here.monitor.ask('query-jobs')).toEqual([]);
    expect(JSON.stringify(await here.monitor.ask('query-named-block-nodes'))).not.toContain('hf-');
    const before = await written();
    while ((await written()) <= before) await new Promise((resolve) => setTimeout(resolve, 50));

    await using there = await startQemu({ folder, name: 'there', disks: [disk('there')], incoming: 'defer', more });
    await here.sh('echo moved > /mnt/vda/note; sync');
    const moved = await hypervisor.migrate?.(id, { host: 'there', mode: 'live' }, call);
    expect(moved).toMatchObject({ keepsTracking: false });
    expect(moved?.downMs).toBeGreaterThan(0);
    await here.child.ended;
    expect(await listed()).toEqual([`${id} ${disk('there').file}`]);
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(JSON.stringify(await there.monitor.ask('query-block-exports'))).toBe('[]');
    const again = async (): Promise<number> => Number(await there.sh('cat /tmp/written'));
    const arrived = await again();
    while ((await again()) <= arrived) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await there.sh('echo 3 > /proc/sys/vm/drop_caches; cat /mnt/vda/note /mnt/vda/known/one.txt')).toBe(
      'moved\nas it was',
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
