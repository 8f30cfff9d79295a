import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { nbdSocketOf } from '../../../../../plugins/hypervisors/kvm/src/qemu/records.ts';
import { collect, MiB, mark, missing, QemuYard, readDisk, tokensOf } from './running.ts';

const why = missing();
beforeEach((ctx) => {
  if (why !== null) ctx.skip(why);
});

const none = 'none';

/** A machine with a qcow2 and a raw disk. */
async function pair(more: Parameters<typeof QemuYard.open>[0] = {}) {
  const yard = await QemuYard.open(more);
  const disks = [await yard.disk('a', 'qcow2', 64 * MiB), await yard.disk('b', 'raw', 16 * MiB)];
  const vm = await yard.machine('web', disks, ['-uuid', '11111111-2222-3333-4444-555555555555']);
  const id = '11111111-2222-3333-4444-555555555555';
  return { yard, vm, id, disks, [Symbol.asyncDispose]: () => yard[Symbol.asyncDispose]() };
}

describe('machines that run in plain QEMU', () => {
  test('are listed with their disks; media that can be taken out are no disks', async () => {
    await using yard = await QemuYard.open();
    const [a, b] = [await yard.disk('a', 'qcow2', 64 * MiB), await yard.disk('b', 'raw', 16 * MiB)];
    const cd = await yard.disk('cd', 'raw', MiB);
    await yard.machine(
      'web',
      [a, b],
      [
        ...['-uuid', '11111111-2222-3333-4444-555555555555', '-smp', '2'],
        ...['-blockdev', `driver=file,filename=${cd.path},node-name=cd,read-only=on`, '-device', 'ide-cd,drive=cd'],
      ],
    );
    await yard.machine('other', []);
    const machines = [];
    for await (const machine of yard.hypervisor.machines(yard.call)) machines.push(machine);
    expect(machines).toMatchObject([
      { id: 'socket-other', name: 'other', disks: [] },
      {
        id: '11111111-2222-3333-4444-555555555555',
        name: 'web',
        power: 'suspended',
        memoryBytes: 64 * MiB,
        cpus: 2,
        disks: [
          { key: 'vda', sizeBytes: 64 * MiB, format: 'qcow2', kind: 'virtual', location: a.path, storage: yard.disks },
          { key: 'vdb', sizeBytes: 16 * MiB, format: 'raw', kind: 'virtual', location: b.path },
        ],
      },
    ]);
    for (const { problem } of machines) expect(problem).toBeUndefined();
  });

  test('are listed with a problem when two have one UUID: nobody knows whose the restore points are', async () => {
    await using yard = await QemuYard.open();
    const id = '11111111-2222-3333-4444-555555555555';
    for (const name of ['one', 'two']) await yard.machine(name, [await yard.disk(name, 'raw', MiB)], ['-uuid', id]);
    const machines = [];
    for await (const machine of yard.hypervisor.machines(yard.call)) machines.push(machine);
    expect(machines.map((machine) => [machine.id, machine.problem])).toEqual([
      [id, 'it has the same UUID as two: give one of them another'],
      [`${id}@two`, 'it has the same UUID as one: give one of them another'],
    ]);
  });

  test('are listed with a problem when their socket is held by another program, and not at all when they have ended', async () => {
    await using yard = await QemuYard.open();
    const id = '11111111-2222-3333-4444-555555555555';
    const web = await yard.machine('web', [await yard.disk('a', 'qcow2', MiB)], ['-uuid', id]);
    for await (const { problem } of yard.hypervisor.machines(yard.call)) expect(problem).toBeUndefined();
    const gone = await yard.machine('gone', [await yard.disk('b', 'qcow2', MiB)]);
    await gone.kill();
    await using other = await QmpHolder.hold(web.qmpSocket);
    const machines = [];
    // Another process knows who it was too.
    const again = await yard.again();
    for await (const machine of again.machines(yard.call)) machines.push(machine);
    expect(machines).toMatchObject([
      { id, name: 'web', power: 'unknown', problem: expect.stringContaining('did not answer') },
    ]);
    other.close();
    for await (const { problem } of yard.hypervisor.machines(yard.call)) expect(problem).toBeUndefined();
  });
});

describe('a snapshot of a machine that runs', () => {
  test('is one instant of all disks; the guest writes on, and nothing of that is read', async () => {
    await using it = await pair();
    const { yard, vm, id } = it;
    const { hypervisor, call } = yard;
    await vm.write('vda', 0, 65_536, 1);
    await vm.write('vdb', MiB, 65_536, 2);
    const snapshot = await hypervisor.snapshot(id, { quiesce: none, owner: mark() }, call);
    expect(snapshot).toMatchObject({ machine: id, consistency: 'crash', frozenMs: 0 });
    expect(snapshot.disks.map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual([
      ['vda', 64 * MiB],
      ['vdb', 16 * MiB],
    ]);
    await vm.write('vda', 0, MiB, 8);
    await vm.write('vdb', MiB, MiB, 9);
    const [a, b] = [Buffer.alloc(64 * MiB, 0xee), Buffer.alloc(16 * MiB, 0xee)];
    await readDisk(hypervisor, { machine: id, snapshot: snapshot.id, disk: 'vda' }, 'all', a, call);
    // Another process knows the snapshot too.
    await readDisk(await yard.again(), { machine: id, snapshot: snapshot.id, disk: 'vdb' }, 'all', b, call);
    expect(a.equals(Buffer.concat([Buffer.alloc(65_536, 1), Buffer.alloc(64 * MiB - 65_536)]))).toBe(true);
    expect(b.subarray(MiB, MiB + 65_536).equals(Buffer.alloc(65_536, 2))).toBe(true);
    expect(b.subarray(MiB + 65_536).equals(Buffer.alloc(15 * MiB - 65_536))).toBe(true);
    const ref = { machine: id, snapshot: snapshot.id, disk: 'vda' };
    expect(await collect(hypervisor.allocated?.(ref, call))).toEqual([{ offset: 0, length: 65_536 }]);
    await hypervisor.release(snapshot.id, call);
    await hypervisor.release(snapshot.id, call);
    expect(await yard.left()).toEqual([]);
    expect(await vm.bitmaps()).toEqual(tokensOf(snapshot).map((token) => token.split('/').at(-1)));
  });

  test('is continued by what changed since earlier ones, byte for byte, while the guest writes', {
    timeout: 120_000,
  }, async () => {
    await using it = await pair();
    const { yard, vm, id, disks } = it;
    const { hypervisor, call } = yard;
    const picture = Buffer.alloc(64 * MiB);
    let tokens: readonly string[] = [];
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    const scribble = async (): Promise<void> => {
      for (let count = 0; count < 12; count++)
        await vm.write('vda', random(63 * 16) * 65_536 + random(100) * 512, 512 * (1 + random(300)), 1 + random(250));
    };
    for (let round = 0; round < 4; round++) {
      await scribble();
      const snapshot = await hypervisor.snapshot(id, { quiesce: none, owner: mark(), since: tokens }, call);
      const ref = { machine: id, snapshot: snapshot.id, disk: 'vda' };
      const whole = Buffer.alloc(64 * MiB);
      const [token] = tokens;
      const extents = token === undefined ? 'all' : await collect(hypervisor.changes?.(ref, token, call));
      await Promise.all([scribble(), readDisk(hypervisor, ref, extents, picture, call)]);
      await readDisk(hypervisor, ref, 'all', whole, call);
      expect(picture.equals(whole)).toBe(true);
      if (extents !== 'all') {
        const bytes = extents.reduce((sum, { length }) => sum + length, 0);
        expect(bytes).toBeGreaterThan(0);
        expect(bytes).toBeLessThan(24 * MiB);
      }
      await hypervisor.release(snapshot.id, call);
      tokens = tokensOf(snapshot);
      await hypervisor.retainTracking?.(id, { site: mark().site, tokens }, call);
      expect(await vm.bitmaps()).toHaveLength(1);
    }
    // Ended in order, QEMU keeps its bitmaps in the image, and the next one goes on.
    await vm.write('vda', 0, 512, 200);
    await hypervisor.power?.(id, 'off', call);
    await vm.ended();
    await vm.start();
    await vm.write('vda', 32 * MiB, 512, 201);
    const snapshot = await hypervisor.snapshot(id, { quiesce: none, owner: mark(), since: tokens }, call);
    const ref = { machine: id, snapshot: snapshot.id, disk: 'vda' };
    await readDisk(hypervisor, ref, await collect(hypervisor.changes?.(ref, tokens[0] ?? '', call)), picture, call);
    await hypervisor.release(snapshot.id, call);
    await vm.kill();
    const raw = `${disks[0]?.path}.raw`;
    execFileSync('qemu-img', ['convert', '-O', 'raw', disks[0]?.path ?? '', raw]);
    expect(picture.equals(readFileSync(raw))).toBe(true);
  });

  test('tells of changes since several earlier ones, each by itself', async () => {
    await using it = await pair();
    const { yard, vm, id } = it;
    const { hypervisor, call } = yard;
    const tokens: string[] = [];
    for (const at of [0, MiB]) {
      const snapshot = await hypervisor.snapshot(id, { quiesce: none, owner: mark() }, call);
      await hypervisor.release(snapshot.id, call);
      tokens.push(...tokensOf(snapshot));
      await vm.write('vda', at, 512, 1);
    }
    const snapshot = await hypervisor.snapshot(id, { quiesce: none, owner: mark(), since: tokens }, call);
    const ref = { machine: id, snapshot: snapshot.id, disk: 'vda' };
    const since = async (token: string | undefined) => await collect(hypervisor.changes?.(ref, token ?? '', call));
    expect(await since(tokens[0])).toEqual([
      { offset: 0, length: 65_536 },
      { offset: MiB, length: 65_536 },
    ]);
    expect(await since(tokens[1])).toEqual([{ offset: MiB, length: 65_536 }]);
    expect(await since(tokensOf(snapshot)[0])).toEqual([]);
  });

  test('is served to nobody but its own user, from a folder that nobody else may enter', async () => {
    await using it = await pair();
    const { yard, id } = it;
    const snapshot = await yard.hypervisor.snapshot(id, { quiesce: none, owner: mark() }, yard.call);
    const socket = nbdSocketOf(yard.sockets, snapshot.id);
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(socket))).mode & 0o777).toBe(0o700);
  });

  test('keeps what the guest overwrites in the scratch folder, where one is named', async () => {
    await using it = await pair({ scratch: true });
    const { yard, id } = it;
    const snapshot = await yard.hypervisor.snapshot(id, { quiesce: none, owner: mark() }, yard.call);
    const left = await yard.left();
    expect(left.filter((name) => name.endsWith('.qcow2'))).toHaveLength(2);
    await yard.hypervisor.release(snapshot.id, yard.call);
    expect(await yard.left()).toEqual([]);
  });

  test('is refused, and leaves nothing, when the guest should be quiesced and has no agent', async () => {
    await using it = await pair();
    const { yard, vm, id } = it;
    for (const quiesce of ['filesystem', 'application'] as const) {
      await expect(yard.hypervisor.snapshot(id, { quiesce, owner: mark() }, yard.call)).rejects.toMatchObject({
        code: 'QUIESCE_UNAVAILABLE',
        message: expect.stringContaining('web.qga'),
      });
    }
    expect(await yard.left()).toEqual([]);
    expect(await vm.bitmaps()).toEqual([]);
    expect(JSON.stringify(await vm.execute('query-named-block-nodes', { flat: true }))).not.toContain('hf-');
  });
});

/** Another program that holds a QMP socket. */
class QmpHolder implements AsyncDisposable {
  readonly #close: () => void;
  private constructor(close: () => void) {
    this.#close = close;
  }
  static async hold(path: string): Promise<QmpHolder> {
    const { connect } = await import('node:net');
    const socket = connect({ path });
    await new Promise((resolve) => socket.once('data', resolve));
    return new QmpHolder(() => socket.destroy());
  }
  close(): void {
    this.#close();
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }
}
