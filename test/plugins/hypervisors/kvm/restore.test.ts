import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineSpec } from '@holdfast/api';
import { openDiskSink } from '@holdfast/kit/disk/open';
import { describe, expect, test } from 'vitest';
import { call, domain, list, makeFolder, open, owned, owner } from './fixture.ts';

const uuid = '11111111-2222-4333-8444-555555555555';
const disk = (key: string, sizeBytes = 1_000_000) => ({ key, sizeBytes, format: 'qcow2' as const });
const spec = (name: string, more: Partial<MachineSpec> = {}): MachineSpec => ({
  name,
  disks: [disk('vda')],
  owner,
  ...more,
});

describe('a machine that is restored', () => {
  test('is made empty, written, adopted, and then is the user’s', async () => {
    await using folder = await makeFolder();
    const hypervisor = await open(folder.path);
    const text = domain(
      'old',
      uuid,
      [
        ['vda', 'qcow2', '/old/place.qcow2'],
        ['vdz', 'raw', '/old/other.raw'],
      ],
      '<!-- kept --><sound model="ich9"/>',
    );
    const config = { mediaType: 'application/x-libvirt+xml', text };
    const id = await hypervisor.create?.(spec('new & shiny', { config }), call);
    expect(await owned(hypervisor)).toEqual([id]);
    expect((await list(hypervisor))[0]).toMatchObject({ id, name: 'new & shiny', tags: ['being-restored'] });
    const sink = await hypervisor.openDiskForWrite?.({ machine: id ?? '', disk: 'vda' }, call);
    if (sink?.kind !== 'file') throw new Error('no sink');
    expect((await stat(sink.path)).blocks).toBe(0);
    const writer = await openDiskSink(sink);
    await writer.write(Buffer.from('hello'), 999_000);
    await writer.sync();
    await writer.close();
    await hypervisor.closeSink?.(sink, call);
    await hypervisor.closeSink?.(sink, call);
    await hypervisor.adopt?.(id ?? '', call);
    await hypervisor.adopt?.(id ?? '', call);
    expect(await owned(hypervisor)).toEqual([]);
    const [machine, ...others] = await list(hypervisor);
    expect(others).toEqual([]);
    expect(machine).toMatchObject({
      id,
      name: 'new & shiny',
      tags: [],
      disks: [{ key: 'vda', sizeBytes: 1_000_000, format: 'raw' }],
    });
    expect(machine?.problem).toBeUndefined();
    const xml = machine?.config?.text ?? '';
    expect(xml).not.toContain(uuid);
    expect(xml).not.toContain('/old/');
    expect(xml).not.toContain('vdz');
    expect(xml).not.toContain('nvram');
    for (const kept of ['<!-- kept -->', 'ich9', '52:54:00:11:22:33', 'cdrom', 'cache="none"', '<readonly/>'])
      expect(xml).toContain(kept);
    expect((await readFile(sink.path)).subarray(999_000, 999_005).toString()).toBe('hello');
    await expect(hypervisor.openDiskForWrite?.({ machine: id ?? '', disk: 'vda' }, call)).rejects.toMatchObject({
      code: 'MACHINE_NOT_FOUND',
    });
    await hypervisor.removeOwned(id ?? '', call);
    expect(await list(hypervisor)).toHaveLength(1);
  });

  test('from another hypervisor gets a plain definition with its disks', async () => {
    await using folder = await makeFolder();
    const hypervisor = await open(folder.path);
    const config = { mediaType: 'application/x-vmx', text: 'guestOS = "debian"' };
    const more = {
      config,
      disks: [disk('scsi0:0'), disk('scsi0/0', 512), disk('../../x')],
      memoryBytes: 2 ** 31,
      cpus: 4,
    };
    const id = await hypervisor.create?.(spec('moved', more), call);
    await hypervisor.openDiskForWrite?.({ machine: id ?? '', disk: '../../x' }, call);
    const [machine] = await list(hypervisor);
    expect(machine).toMatchObject({ id, memoryBytes: 2 ** 31, cpus: 4 });
    expect(machine?.disks.map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual([
      ['vda', 1_000_000],
      ['vdb', 512],
      ['vdc', 1_000_000],
    ]);
    expect((await readdir(join(folder.path, 'moved'))).sort()).toEqual(
      ['.holdfast-owner.json', 'disk1_scsi0_0.raw', 'domain.xml', 'scsi0_0.raw', '______x.raw'].sort(),
    );
  });

  test('whose definition has no place for a disk gets a plain one rather than none of its data', async () => {
    await using folder = await makeFolder();
    const hypervisor = await open(folder.path);
    const config = { mediaType: 'application/x-libvirt+xml', text: domain('old', uuid, [['vda', 'raw', '/x.raw']]) };
    await hypervisor.create?.(spec('whole', { config, disks: [disk('vda'), disk('vdb')] }), call);
    expect((await list(hypervisor))[0]?.disks.map(({ key }) => key)).toEqual(['vda', 'vdb']);
  });

  test('never takes the place of something else', async () => {
    await using folder = await makeFolder();
    await mkdir(join(folder.path, 'taken'));
    await writeFile(join(folder.path, 'taken', 'mine.txt'), 'x');
    await writeFile(join(folder.path, 'loose.raw'), Buffer.alloc(512));
    const hypervisor = await open(folder.path);
    for (const name of ['taken', 'loose']) {
      await expect(hypervisor.create?.(spec(name), call)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    }
    await hypervisor.create?.(spec('free'), call);
    await expect(hypervisor.create?.(spec('free'), call)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect((await readdir(folder.path)).sort()).toEqual(['.holdfast', 'free', 'loose.raw', 'taken']);
    expect(await readdir(join(folder.path, '.holdfast'))).toEqual([]);
  });

  test('stays inside of the folder whatever its name', async () => {
    await using folder = await makeFolder();
    const hypervisor = await open(folder.path);
    const names = ['../../escape', '/etc', '.holdfast', '..', 'a/b', `q"'<>&`, '-rf', '😀'];
    for (const name of names) await hypervisor.create?.(spec(name), call);
    const machines = await list(hypervisor);
    expect(machines.map(({ name }) => name).sort()).toEqual(names.toSorted());
    for (const { place, problem } of machines) {
      expect(join(place, '..')).toBe(folder.path);
      expect(problem).toBeUndefined();
    }
    for (const name of ['', ' x ', 'a\u0000b', 'a\u001b[2J', 'x'.repeat(300), '\ud800']) {
      await expect(hypervisor.create?.(spec(name), call)).rejects.toMatchObject({ code: 'NAME_INVALID' });
    }
  });

  test('half restored is found by its mark and removed, wherever it was moved to', async () => {
    await using folder = await makeFolder();
    const id = await (await open(folder.path)).create?.(spec('half'), call);
    await rename(join(folder.path, 'half'), join(folder.path, 'moved'));
    await mkdir(join(folder.path, 'half'));
    await writeFile(join(folder.path, 'half', 'mine.txt'), 'x');
    const later = await open(folder.path);
    const things = [];
    for await (const thing of later.owned(call)) things.push(thing);
    expect(things).toEqual([{ kind: 'machine', id, title: 'machine half, half restored', owner }]);
    await later.removeOwned(id ?? '', call);
    await later.removeOwned(id ?? '', call);
    expect((await readdir(folder.path)).sort()).toEqual(['.holdfast', 'half']);
  });

  test('a mark that somebody else wrote removes nothing', async () => {
    await using folder = await makeFolder();
    await mkdir(join(folder.path, 'mine'));
    for (const mark of [
      '{}',
      'null',
      '[1]',
      'x',
      JSON.stringify({ format: 'holdfast-owner', version: 1, kind: 'machine', id: 'i' }),
    ]) {
      await writeFile(join(folder.path, 'mine', '.holdfast-owner.json'), mark);
      const hypervisor = await open(folder.path);
      expect(await owned(hypervisor)).toEqual([]);
      await hypervisor.removeOwned('i', call);
    }
    expect(await readdir(folder.path)).toEqual(['mine']);
  });
});
