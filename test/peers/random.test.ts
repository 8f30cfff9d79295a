import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Child } from './guest/child.ts';
import { Monitor } from './guest/monitor.ts';
import { Installation } from './holdfast.ts';
import { newestRun } from './protected.ts';

/** More rounds, and other ones: HOLDFAST_ROUNDS=100 HOLDFAST_SEED=7. */
const rounds = Number(process.env.HOLDFAST_ROUNDS ?? 12);
const firstSeed = Number(process.env.HOLDFAST_SEED ?? 1);
const KiB = 1024;

/** Of odd sizes and clusters on purpose; one of them has no bitmaps. */
const shapes = [
  { format: 'qcow2', sizeBytes: 8 * 1024 * KiB, options: [] },
  { format: 'qcow2', sizeBytes: 5 * 1024 * KiB + 512 * 3, options: ['-o', 'cluster_size=512'] },
  { format: 'qcow2', sizeBytes: 9 * 1024 * KiB + 4096, options: ['-o', 'cluster_size=2M'] },
  { format: 'raw', sizeBytes: 1024 * KiB + 512, options: [] },
] as const;

test('whatever is written, killed or cancelled when: each restore point is what the disks held at its instant', async (ctx) => {
  try {
    execFileSync('qemu-system-x86_64', ['--version'], { stdio: 'ignore' });
  } catch {
    ctx.skip('no qemu-system-x86_64 here');
  }
  await using bench = await Bench.open(firstSeed);
  for (let round = 1; round <= rounds; round += 1) await bench.round(round);
  console.log(`seed ${firstSeed}: ${JSON.stringify(Object.fromEntries(bench.counted))}`);
  expect(bench.counted.get('proved'), 'restore points that were compared').toBeGreaterThan(0);
  expect(bench.counted.get('incremental reads')).toBeGreaterThan(0);
});

/** A QEMU without a guest: what is written to its disks is written here too. */
class Bench implements AsyncDisposable {
  readonly counted = new Map<string, number>();
  readonly #random: (below: number) => number;
  readonly #folder: string;
  readonly #installation: Installation;
  readonly #copies = shapes.map(({ sizeBytes }) => Buffer.alloc(sizeBytes));
  #qemu: { readonly child: Child; readonly monitor: Monitor } | null = null;

  private constructor(seed: number, folder: string, installation: Installation) {
    this.#random = generator(seed);
    this.#folder = folder;
    this.#installation = installation;
  }

  static async open(seed: number): Promise<Bench> {
    const folder = await mkdtemp(join(tmpdir(), 'hf-r-'));
    await mkdir(join(folder, 's'));
    const bench = new Bench(seed, folder, await Installation.make());
    for (const [index, { format, sizeBytes, options }] of shapes.entries())
      execFileSync('qemu-img', ['create', '-q', '-f', format, ...options, bench.#image(index), String(sizeBytes)]);
    await bench.#start();
    const sockets = `sockets=${join(folder, 's')}`;
    await bench.#installation.must('endpoint', 'add', 'live', '--use', 'qemu', '--set', sockets, '--yes');
    return bench;
  }

  /** Writes, fails in some way or none, and protects; what came of it is compared. */
  async round(round: number): Promise<void> {
    await this.#writeSome();
    const how = this.#pick([
      'well',
      'well',
      'well',
      'held',
      'held',
      'kill QEMU',
      'quit QEMU',
      'kill Holdfast',
      'cancel',
      'kill both',
    ]);
    this.#count(how);
    if (how === 'kill QEMU' || how === 'quit QEMU') {
      await this.#stop(how === 'kill QEMU');
      await this.#start();
      if (this.#random(2) === 0) await this.#writeSome();
    }
    const run = this.#installation.start('protect', 'odd', '--quiesce', 'none', '--yes');
    if (how === 'well' || how.endsWith('QEMU')) {
      const copies = this.#copies.map((copy) => Buffer.from(copy));
      const { code, stderr } = await run.ended;
      expect(code, `round ${round}, ${how}: ${stderr}`).toBe(0);
      await this.#prove(round, how, copies);
      return;
    }
    if (how === 'held' || how === 'cancel') {
      await run.says('froze');
      run.child.kill('SIGSTOP');
      const copies = this.#copies.map((copy) => Buffer.from(copy));
      await this.#writeSome();
      if (how === 'cancel') run.child.kill('SIGINT');
      run.child.kill('SIGCONT');
      const { code, stderr } = await run.ended;
      if (how === 'held') expect(code, `round ${round}: ${stderr}`).toBe(0);
      if (code === 0) await this.#prove(round, how, copies);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200 + this.#random(1200)));
    run.child.kill('SIGKILL');
    await run.ended;
    if (how === 'kill both') {
      await this.#stop(true);
      await this.#start();
    }
  }

  async #prove(round: number, how: string, copies: readonly Buffer[]): Promise<void> {
    const { id, result } = await newestRun(this.#installation);
    const { stdout } = await this.#installation.run('run', 'why', id);
    for (const word of ['full', 'incremental'])
      this.#count(`${word} reads`, stdout.split(`${word} read of`).length - 1);
    for (const [index, copy] of copies.entries()) {
      const file = this.#installation.path(`disk${index}.raw`);
      await rm(file, { force: true });
      await this.#installation.must('point', 'export', result.point.point, '--disk', `vd${index}`, '--to', file);
      expect(firstDifference(await readFile(file), copy), `seed ${firstSeed}, round ${round}, ${how}, vd${index}`).toBe(
        -1,
      );
    }
    this.#count('proved');
    expect(await this.#left(), `round ${round}, ${how}`).toEqual([]);
  }

  /** What is left of snapshots: after a run that ended well there is nothing, whatever happened before. */
  async #left(): Promise<readonly string[]> {
    const ask = <T>(what: string) => this.#ask<readonly T[]>(what, what.endsWith('nodes') ? { flat: true } : {});
    const jobs = (await ask<{ id: string }>('query-jobs')).map(({ id }) => `job ${id}`);
    const exports = (await ask<{ id: string }>('query-block-exports')).map(({ id }) => `export ${id}`);
    const nodes = await ask<{ 'node-name': string; 'dirty-bitmaps'?: readonly { name: string }[] }>(
      'query-named-block-nodes',
    );
    const strange = nodes
      .filter((node) => !/^[nf]\d$/.test(node['node-name']))
      .map((node) => `node ${node['node-name']}`);
    // One bitmap for each disk that has any: of the one restore point that may be continued.
    const many = nodes
      .filter((node) => (node['dirty-bitmaps'] ?? []).length > 1)
      .map((node) => `bitmaps of ${node['node-name']}`);
    const files = (await readdir(this.#folder, { recursive: true })).filter((name) => name.includes('holdfast'));
    return [...jobs, ...exports, ...strange, ...many, ...files];
  }

  async #writeSome(): Promise<void> {
    for (let left = this.#random(6); left >= 0; left -= 1) {
      const disk = this.#random(shapes.length);
      const copy = this.#copies[disk] ?? Buffer.alloc(0);
      const sectors = copy.length / 512;
      const from = this.#random(8) === 0 ? sectors - 1 - this.#random(4) : this.#random(sectors);
      const most = this.#random(4) === 0 ? sectors - from : Math.min(sectors - from, 1 + this.#random(300));
      const [offset, length] = [from * 512, (1 + this.#random(most)) * 512];
      const value = this.#random(5) === 0 ? 0 : 1 + this.#random(255);
      const zero = this.#random(2) === 0 ? '-z' : '-z -u';
      const order = value === 0 ? `write ${zero} ${offset} ${length}` : `write -P ${value} ${offset} ${length}`;
      const line = `qemu-io -d /machine/peripheral/vd${disk}/virtio-backend "${order}"`;
      const said = await this.#ask('human-monitor-command', { 'command-line': line });
      if (said !== '') throw new Error(`not written: ${String(said)}`);
      copy.fill(value, offset, offset + length);
    }
  }

  async #start(): Promise<void> {
    const at = (suffix: string): string => join(this.#folder, 's', `odd.${suffix}`);
    for (const suffix of ['qmp', 'test']) await rm(at(suffix), { force: true });
    const disks = shapes.flatMap(({ format }, index) => [
      ...['-blockdev', `driver=file,filename=${this.#image(index)},node-name=f${index},discard=unmap`],
      ...['-blockdev', `driver=${format},file=f${index},node-name=n${index},discard=unmap`],
      ...['-device', `virtio-blk-pci,drive=n${index},id=vd${index}`],
    ]);
    const monitors = ['qmp', 'test'].flatMap((suffix) => ['-qmp', `unix:${at(suffix)},server=on,wait=off`]);
    const bare = ['-accel', 'tcg', '-S', '-m', '64', '-display', 'none', '-nodefaults', '-name', 'odd'];
    const child = new Child('qemu-system-x86_64', [...bare, ...disks, ...monitors]);
    this.#qemu = { child, monitor: await Monitor.open(at('test')) };
  }

  async #stop(isKilled: boolean): Promise<void> {
    const qemu = this.#qemu;
    this.#qemu = null;
    if (qemu === null) return;
    if (isKilled) await qemu.child.end('SIGKILL');
    else {
      await qemu.monitor.ask('quit');
      await qemu.child.ended;
    }
    qemu.monitor.close();
    if (!isKilled) return;
    // What was not flushed may be lost: what a machine finds on its disks then is what they hold.
    for (const [index, copy] of this.#copies.entries()) {
      const raw = join(this.#folder, 'raw');
      const format = shapes[index]?.format ?? 'raw';
      execFileSync('qemu-img', ['convert', '-f', format, '-O', 'raw', this.#image(index), raw]);
      copy.set((await readFile(raw)).subarray(0, copy.length));
    }
  }

  #ask<T>(execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<T> {
    if (this.#qemu === null) throw new Error('no QEMU runs');
    return this.#qemu.monitor.ask<T>(execute, args);
  }

  #image(index: number): string {
    return join(this.#folder, `disk${index}.img`);
  }

  #count(what: string, by = 1): void {
    this.counted.set(what, (this.counted.get(what) ?? 0) + by);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#random(from.length)] as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop(true);
    await rm(this.#folder, { recursive: true, force: true });
    await this.#installation[Symbol.asyncDispose]();
  }
}

/** Where two pictures of a disk differ first, or -1. */
function firstDifference(one: Buffer, other: Buffer): number {
  if (one.equals(other)) return -1;
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) if (one[at] !== other[at]) return at;
  return length;
}

/** The same numbers for the same seed (xorshift). */
function generator(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}
