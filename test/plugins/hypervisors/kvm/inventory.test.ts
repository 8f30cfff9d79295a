import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readImageLocks } from '../../../../plugins/hypervisors/kvm/src/inventory/locks.ts';
import { call, domain, list, makeFolder, open } from './fixture.ts';

const run = promisify(execFile);
const qemu = await run('qemu-img', ['--version']).then(
  () => true,
  () => false,
);
const uuid = '11111111-2222-4333-8444-555555555555';

describe('a folder of machines', () => {
  test('lists a machine as its domain definition describes it', async () => {
    await using folder = await makeFolder();
    const home = join(folder.path, 'erp');
    await mkdir(home);
    await writeFile(join(home, 'system.img'), Buffer.alloc(8192));
    await writeFile(join(home, 'data.raw'), Buffer.alloc(4096));
    const xml = domain('erp &amp; co', uuid.toUpperCase(), [
      ['vda', 'raw', join(home, 'system.img')],
      ['vdb', 'raw', 'data.raw'],
      ['vdc', 'raw', '/dev/sdx', 'block'],
    ]);
    await writeFile(join(home, 'erp.xml'), xml);
    const [machine, ...others] = await list(await open(folder.path));
    expect(others).toEqual([]);
    expect(machine).toMatchObject({
      id: uuid,
      name: 'erp & co',
      power: 'off',
      place: home,
      memoryBytes: 256 * 2 ** 20,
      cpus: 2,
      config: { mediaType: 'application/x-libvirt+xml', text: xml },
      disks: [
        { key: 'vda', sizeBytes: 8192, format: 'raw', kind: 'virtual' },
        { key: 'vdb', sizeBytes: 4096, format: 'raw', kind: 'virtual' },
        { key: 'vdc', kind: 'raw-virtual', location: '/dev/sdx' },
      ],
    });
    expect(machine?.problem).toBeUndefined();
  });

  test('takes images without a definition for machines: those of a folder for one, loose ones for one each', async () => {
    await using folder = await makeFolder();
    await mkdir(join(folder.path, 'web'));
    await mkdir(join(folder.path, 'empty'));
    for (const name of ['web/b.raw', 'web/a.raw', 'loose.img', 'other.raw', 'notes.txt', '.hidden.raw']) {
      await writeFile(join(folder.path, name), Buffer.alloc(512));
    }
    const machines = await list(await open(folder.path));
    expect(machines.map(({ name, disks }) => [name, disks.map(({ key }) => key)])).toEqual([
      ['loose', ['vda']],
      ['other', ['vda']],
      ['web', ['vda', 'vdb']],
    ]);
    expect(machines[2]?.disks[0]?.location).toBe(join(folder.path, 'web', 'a.raw'));
  });

  test('gives a machine the same identity after it was renamed, and another machine another one', async () => {
    await using folder = await makeFolder();
    await mkdir(join(folder.path, 'web'));
    await writeFile(join(folder.path, 'web', 'a.raw'), Buffer.alloc(512));
    await writeFile(join(folder.path, 'loose.raw'), Buffer.alloc(512));
    const hypervisor = await open(folder.path);
    const before = (await list(hypervisor)).map(({ id }) => id).sort();
    await rename(join(folder.path, 'web'), join(folder.path, 'web-old'));
    await rename(join(folder.path, 'loose.raw'), join(folder.path, 'renamed.raw'));
    const after = await list(hypervisor);
    expect(after.map(({ name }) => name)).toEqual(['renamed', 'web-old']);
    expect(after.map(({ id }) => id).sort()).toEqual(before);
    await rm(join(folder.path, 'renamed.raw'));
    await writeFile(join(folder.path, 'new.raw'), Buffer.alloc(512));
    expect(before).not.toContain((await list(hypervisor)).find(({ name }) => name === 'new')?.id);
  });

  test('finds the images of a definition that was moved together with them', async () => {
    await using folder = await makeFolder();
    await mkdir(join(folder.path, 'a'));
    await writeFile(join(folder.path, 'a', 'x.raw'), Buffer.alloc(512));
    await writeFile(
      join(folder.path, 'a', 'x.xml'),
      domain('x', uuid, [['vda', 'raw', join(folder.path, 'a', 'x.raw')]]),
    );
    await rename(join(folder.path, 'a'), join(folder.path, 'b'));
    const [machine] = await list(await open(folder.path));
    expect(machine?.problem).toBeUndefined();
    expect(machine?.disks[0]?.location).toBe(join(folder.path, 'b', 'x.raw'));
  });

  test.skipIf(!qemu)('shows an image and what lies below it as one disk (needs qemu-img)', async () => {
    await using folder = await makeFolder();
    const at = (name: string) => join(folder.path, name);
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', at('base.qcow2'), '10M']);
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', at('top.qcow2'), '20M']);
    const [machine, ...others] = await list(await open(folder.path));
    expect(others).toEqual([]);
    expect(machine).toMatchObject({ name: 'top', disks: [{ sizeBytes: 20 * 2 ** 20, format: 'qcow2' }] });
    const source = await (await open(folder.path)).openDisk({ machine: machine?.id ?? '', disk: 'vda' }, call);
    expect(source).toMatchObject({ path: at('top.qcow2'), chain: [{ path: at('base.qcow2'), format: 'qcow2' }] });
  });

  test.skipIf(!qemu)('tells a machine that is running by the lock that QEMU holds (needs qemu-io)', async () => {
    await using folder = await makeFolder();
    const image = join(folder.path, 'busy.qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', image, '1M']);
    const hypervisor = await open(folder.path);
    const qemuIo = spawn('qemu-io', [image], { stdio: ['pipe', 'pipe', 'ignore'] });
    try {
      await once(qemuIo.stdout, 'data');
      const [machine] = await list(hypervisor);
      expect(machine).toMatchObject({ power: 'on', problem: expect.stringContaining('running') });
      await expect(hypervisor.openDisk({ machine: machine?.id ?? '', disk: 'vda' }, call)).rejects.toMatchObject({
        code: 'MACHINE_UNPROTECTABLE',
      });
    } finally {
      qemuIo.stdin.end('quit\n');
      await once(qemuIo, 'exit');
    }
    expect((await list(hypervisor))[0]).toMatchObject({ power: 'off' });
  });

  test('reads the list of locks as the kernel writes it', async () => {
    await using folder = await makeFolder();
    const path = join(folder.path, 'locks');
    const lines = [
      '1: OFDLCK ADVISORY  READ  -1 fe:00:77 100 101',
      '2: OFDLCK ADVISORY  READ  -1 fe:00:78 100 100',
      '3: POSIX  ADVISORY  WRITE 12 fe:00:79 101 101',
      '4: OFDLCK ADVISORY  READ  -1 fe:00:80 0 EOF',
      'nonsense',
    ];
    await writeFile(path, lines.join('\n'));
    const locks = await readImageLocks(path);
    const dev = 0xfe00n;
    expect([77n, 78n, 79n, 80n].filter((ino) => locks.isWritten({ dev, ino }))).toEqual([77n, 80n]);
    expect(locks.isWritten({ dev: 0xfd00n, ino: 77n })).toBe(false);
    expect((await readImageLocks(join(folder.path, 'none'))).known).toBe(false);
  });
});

describe('a folder that is made to mislead', () => {
  test('a name is data, whatever is in it', async () => {
    await using folder = await makeFolder();
    const names = ['a\nb', '\u001b[31mred', '"quoted\'', 'up\\..\\..', '$(reboot)', '-rf', ' ', '😀'];
    for (const name of names) {
      await mkdir(join(folder.path, name));
      await writeFile(join(folder.path, name, 'disk.raw'), Buffer.alloc(512));
    }
    await mkdir(join(folder.path, 'x'));
    await writeFile(join(folder.path, 'x', 'd.raw'), Buffer.alloc(512));
    await writeFile(join(folder.path, 'x', 'x.xml'), domain('../../etc', null, [['vda', 'raw', 'd.raw']]));
    const hypervisor = await open(folder.path);
    const machines = await list(hypervisor);
    expect(machines.map(({ name }) => name).sort()).toEqual([...names, '../../etc'].sort());
    expect(machines.every(({ problem }) => problem === undefined)).toBe(true);
    for (const { id } of machines) await hypervisor.openDisk({ machine: id, disk: 'vda' }, call);
  });

  test('nothing outside of the folder is read: not by path, by link or by what an image says is below it', async () => {
    await using outside = await makeFolder();
    await using folder = await makeFolder();
    const secret = join(outside.path, 'secret.raw');
    await writeFile(secret, Buffer.alloc(512, 1));
    await writeFile(join(folder.path, 'by-path.xml'), domain('by-path', null, [['vda', 'raw', secret]]));
    await writeFile(join(folder.path, 'by-dots.xml'), domain('by-dots', null, [['vda', 'raw', `../${secret}`]]));
    await symlink(secret, join(folder.path, 'by-link.raw'));
    const image = Buffer.alloc(3 * 65536);
    image.writeUInt32BE(0x514649fb, 0);
    image.writeUInt32BE(3, 4);
    image.writeBigUInt64BE(400n, 8);
    image.writeUInt32BE(image.write(secret, 400), 16);
    image.writeUInt32BE(16, 20);
    image.writeBigUInt64BE(65536n, 24);
    image.writeUInt32BE(1, 36);
    image.writeBigUInt64BE(65536n, 40);
    image.writeBigUInt64BE(131072n, 48);
    image.writeUInt32BE(104, 100);
    image.writeUInt32BE(0xe2792aca, 104);
    image.writeUInt32BE(image.write('raw', 112), 108);
    await writeFile(join(folder.path, 'by-header.qcow2'), image);
    const machines = await list(await open(folder.path));
    expect(machines.map(({ name }) => name)).toEqual(['by-dots', 'by-header', 'by-link', 'by-path']);
    for (const { problem } of machines) expect(problem).toMatch(/lies outside|is not there/);
    expect(machines.flatMap(({ disks }) => disks.map(({ sizeBytes }) => sizeBytes))).toEqual([0, 0, 0, 0]);
  });

  test.each([
    [
      'an entity bomb',
      `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><domain><name>&b;</name></domain>`,
    ],
    [
      'a file of the host as an entity',
      `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><domain><name>&a;</name></domain>`,
    ],
    ['a thousand levels', `<domain>${'<a>'.repeat(1000)}${'</a>'.repeat(1000)}</domain>`],
    ['two megabytes', `<domain><name>${'x'.repeat(2_000_000)}</name></domain>`],
    ['half a document', '<domain><name>x</na'],
    ['another document', '<network><name>default</name></network>'],
    [
      'two disks on one target',
      domain('x', null, [
        ['vda', 'raw', 'a.raw'],
        ['vda', 'raw', 'b.raw'],
      ]),
    ],
    ['nothing', ''],
  ])('a definition that is %s is a problem of this machine and of no other', async (_what, text) => {
    await using folder = await makeFolder();
    await mkdir(join(folder.path, 'bad'));
    await writeFile(join(folder.path, 'bad', 'a.raw'), Buffer.alloc(512));
    await writeFile(join(folder.path, 'bad', 'bad.xml'), text);
    await writeFile(join(folder.path, 'good.raw'), Buffer.alloc(512));
    const started = process.cpuUsage();
    const machines = await list(await open(folder.path));
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000);
    expect(machines.map(({ name }) => name)).toEqual(['bad', 'good']);
    expect(machines[0]?.problem).toMatch(/XML/);
    expect(machines[0]?.name).not.toContain('root:');
    expect(machines[1]?.problem).toBeUndefined();
  });

  test('an image that only looks like qcow2 is not followed on its own word', async () => {
    await using folder = await makeFolder();
    const bytes = Buffer.alloc(1024);
    bytes.writeUInt32BE(0x514649fb, 0);
    await writeFile(join(folder.path, 'guest-wrote-this.raw'), bytes);
    await writeFile(join(folder.path, 'which.img'), bytes);
    await writeFile(join(folder.path, 'broken.qcow2'), bytes);
    const machines = await list(await open(folder.path));
    expect(machines.map(({ name, problem }) => [name, problem?.split(':')[0]])).toEqual([
      ['broken', 'disk vda'],
      ['guest-wrote-this', undefined],
      ['which', 'disk vda'],
    ]);
  });

  test('images that cannot be read are listed with what is wrong', async () => {
    await using folder = await makeFolder();
    await writeFile(join(folder.path, 'empty.raw'), '');
    await writeFile(join(folder.path, 'win.vhdx'), 'vhdxfile');
    await writeFile(join(folder.path, 'gone.xml'), domain('gone', null, [['vda', 'raw', 'gone.raw']]));
    await writeFile(join(folder.path, 'net.xml'), domain('net', null, [['vda', 'raw', 'rbd', 'network']]));
    await writeFile(join(folder.path, 'none.xml'), domain('none', null, []));
    const machines = await list(await open(folder.path));
    expect(machines.map(({ name, problem }) => [name, problem])).toEqual([
      ['empty', 'disk vda is empty'],
      ['gone', expect.stringContaining('is not there')],
      ['net', expect.stringContaining('network')],
      ['none', 'it has no disk'],
      ['win', expect.stringContaining('VHDX')],
    ]);
  });

  test('of two machines with one UUID neither is taken for the other', async () => {
    await using folder = await makeFolder();
    for (const name of ['one', 'copy']) {
      await mkdir(join(folder.path, name));
      await writeFile(join(folder.path, name, 'd.raw'), Buffer.alloc(512));
      await writeFile(join(folder.path, name, 'd.xml'), domain(name, uuid, [['vda', 'raw', 'd.raw']]));
    }
    const hypervisor = await open(folder.path);
    const machines = await list(hypervisor);
    expect(new Set(machines.map(({ id }) => id)).size).toBe(2);
    for (const { problem } of machines) expect(problem).toContain('same UUID');
    await rm(join(folder.path, 'copy'), { recursive: true });
    expect((await list(hypervisor)).map(({ id, problem }) => [id, problem])).toEqual([[uuid, undefined]]);
  });

  test('a folder that has gone is an endpoint that cannot be reached', async () => {
    const folder = await makeFolder();
    const hypervisor = await open(folder.path);
    await folder[Symbol.asyncDispose]();
    await expect(list(hypervisor)).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
    await expect(open(folder.path)).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
    expect((await hypervisor.check(call)).map(({ state }) => state)).toEqual(['failed']);
  });

  test('listing writes nothing into the folder', async () => {
    await using folder = await makeFolder();
    await writeFile(join(folder.path, 'a.raw'), Buffer.alloc(512));
    const before = await run('ls', ['-lAR', '--time-style=full-iso', folder.path]);
    const hypervisor = await open(folder.path);
    await list(hypervisor);
    await hypervisor.check(call);
    const { stdout } = await run('ls', ['-lAR', '--time-style=full-iso', folder.path]);
    expect(stdout).toBe(before.stdout);
    await copyFile(join(folder.path, 'a.raw'), join(folder.path, 'b.raw'));
    expect(new Set((await list(hypervisor)).map(({ id }) => id)).size).toBe(2);
  });
});
