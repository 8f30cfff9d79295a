import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hypervisor } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withFrozenGuest } from '../../../../../plugins/hypervisors/kvm/src/live/freeze.ts';
import { Freezing } from '../../../../../plugins/hypervisors/kvm/src/qemu/freezing.ts';
import { openQemu } from '../../../../../plugins/hypervisors/kvm/src/qemu/open.ts';
import { SocketFolder } from '../../../../../plugins/hypervisors/kvm/src/qemu/sockets.ts';
import { makeGuestDisk } from '../../../../peers/guest/disk.ts';
import { type Guest, startQemu } from '../../../../peers/guest/qemu.ts';
import { missingPeers } from '../../../../peers/guest/run.ts';
import { collect, MiB, mark, readDisk, tokensOf } from '../qemu/running.ts';

const why = missingPeers();
/** One guest for all: each test leaves it as it found it. */
let guest: Live | null = null;
beforeAll(async () => {
  if (why === null) guest = await live();
}, 120_000);
afterAll(() => guest?.[Symbol.asyncDispose]());
beforeEach((ctx) => {
  if (why !== null) ctx.skip(why);
});

function shared(): Live {
  if (guest === null) throw new Error('no guest');
  guest.lines.length = 0;
  return guest;
}

const machine = 'socket-web';

/** A guest that writes all the time on two disks, with its agent, and an endpoint that sees it. */
async function live(): Promise<Live> {
  const root = await mkdtemp('/tmp/hfg-');
  const sockets = join(root, 's');
  await mkdir(sockets);
  const disks = ['a', 'b'].map((name) => ({ file: join(root, `${name}.qcow2`), format: 'qcow2' as const }));
  for (const { file, format } of disks) await makeGuestDisk(file, { sizeBytes: 64 * MiB, format, files: {} });
  const guest = await startQemu({ folder: sockets, name: 'web', disks });
  const lines: string[] = [];
  const call = makeCall({ log: (level, message) => void lines.push(`${level}: ${message}`) });
  const settings = { sockets };
  const data = join(root, 'data');
  const hypervisor = await openQemu(
    { name: 'here', settings, secret: () => Promise.reject(new Error('none')) },
    data,
    call,
  );
  return {
    root,
    sockets,
    data,
    guest,
    hypervisor,
    lines,
    call,
    written: async () => Number(await guest.sh('cat /tmp/written')),
    async [Symbol.asyncDispose]() {
      await guest.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

interface Live extends AsyncDisposable {
  readonly root: string;
  readonly sockets: string;
  readonly data: string;
  readonly guest: Guest;
  readonly hypervisor: Hypervisor;
  readonly lines: string[];
  readonly call: ReturnType<typeof makeCall>;
  /** How far the guest's writer has got: it stands still while the guest is frozen. */
  written(): Promise<number>;
}

async function writesAgain(it: Live): Promise<void> {
  const before = await it.written();
  while ((await it.written()) <= before) await new Promise((resolve) => setTimeout(resolve, 50));
}

const notes = async (it: Live): Promise<readonly string[]> =>
  (await readdir(it.data, { recursive: true })).filter((name) => name.endsWith('.note'));

describe('a guest that writes all the time', () => {
  test('is held for a moment, and both its disks are of that moment; later it is continued by what changed', {
    timeout: 180_000,
  }, async () => {
    const it = shared();
    const { hypervisor, call } = it;
    await it.guest.sh('echo early > /mnt/vda/early; echo early > /mnt/vdb/early');
    const pictures = [Buffer.alloc(64 * MiB), Buffer.alloc(64 * MiB)];
    let tokens: readonly string[] = [];
    for (const round of ['first', 'second']) {
      const snapshot = await hypervisor.snapshot(
        machine,
        { quiesce: 'filesystem', owner: mark(), since: tokens },
        call,
      );
      expect(snapshot).toMatchObject({ consistency: 'filesystem' });
      expect(snapshot.frozenMs).toBeGreaterThan(0);
      await it.guest.sh(`echo late > /mnt/vda/late-${round}; sync`);
      const counters: number[] = [];
      for (const [index, { key }] of snapshot.disks.entries()) {
        const ref = { machine, snapshot: snapshot.id, disk: key };
        const picture = pictures[index] ?? Buffer.alloc(0);
        const token = tokens[index];
        const extents = token === undefined ? 'all' : await collect(hypervisor.changes?.(ref, token, call));
        if (extents !== 'all') expect(extents.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(32 * MiB);
        await readDisk(hypervisor, ref, extents, picture, call);
        const file = join(it.root, `copy-${key}.raw`);
        writeFileSync(file, picture);
        execFileSync('/sbin/e2fsck', ['-fn', file], { stdio: 'ignore' });
        const debugfs = (request: string): string =>
          execFileSync('/sbin/debugfs', ['-R', request, file], {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'ignore'],
          });
        counters.push(Number(debugfs('cat /counter')));
        const names = debugfs('ls -p /');
        expect(names).toContain('/early/');
        expect(names).not.toContain(`late-${round}`);
      }
      const [a = 0, b = 0] = counters;
      expect(a).toBeGreaterThan(0);
      expect([a, a - 1]).toContain(b);
      await hypervisor.release(snapshot.id, call);
      tokens = tokensOf(snapshot);
    }
    expect(await notes(it)).toEqual([]);
    expect(it.lines.filter((line) => !line.startsWith('debug'))).toEqual([]);
    // Neither in the guest is anything of ours left.
    expect(await it.guest.sh('ps | grep -c "[h]oldfast-thaw" || true')).toBe('0\n');
  });

  test('is thawed when Holdfast and its whole process group are killed while it is frozen, and the next look says so', {
    timeout: 180_000,
  }, async () => {
    const it = shared();
    const module = new URL('../../../../../plugins/hypervisors/kvm/src/qemu/open.ts', import.meta.url).href;
    const script = `import { openQemu } from ${JSON.stringify(module)};
      const call = { signal: new AbortController().signal, deadline: null, who: 'test', log() {}, progress() {} };
      const opening = { name: 'here', settings: { sockets: ${JSON.stringify(it.sockets)} }, secret: async () => '' };
      const hypervisor = await openQemu(opening, ${JSON.stringify(it.data)}, call);
      const guest = await hypervisor.guest(${JSON.stringify(machine)}, call);
      await guest.freeze(600_000, call);
      console.log('frozen');
      setInterval(() => {}, 1000);`;
    const holdfast = spawn(process.execPath, ['--input-type=module', '-e', script], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { pid } = holdfast;
    if (pid === undefined) throw new Error('not started');
    await new Promise((resolve) => holdfast.stdout.once('data', resolve));
    const still = await it.written();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await it.written()).toBe(still);
    process.kill(-pid, 'SIGKILL');
    await writesAgain(it);
    while (!it.lines.some((line) => line.includes('until a watchdog thawed it'))) {
      for await (const { problem } of it.hypervisor.machines(it.call)) expect(problem).toBeUndefined();
    }
    expect(it.lines.find((line) => line.includes('until a watchdog'))).toMatch(
      /^warn: web was frozen for \d+ s until a watchdog thawed it: what had frozen it ended before it could thaw it$/,
    );
    expect(await notes(it)).toEqual([]);
  });

  test('is thawed by a timer of its own when the watchdog is gone too, and what was taken meanwhile is not called consistent', {
    timeout: 180_000,
  }, async () => {
    const it = shared();
    const freezing = new Freezing(new SocketFolder(it.sockets), join(it.data, 'notes'));
    const parts = await freezing.parts('web', 'web', { quiesce: 'filesystem', freezeLimitMs: 4_000 });
    const nobody = { thawed() {}, act() {} };
    const held = withFrozenGuest({ ...parts, startWatchdog: async () => nobody }, () => writesAgain(it), it.call);
    await expect(held).rejects.toMatchObject({
      code: 'QUIESCE_UNAVAILABLE',
      message: expect.stringContaining('thawed before all was done'),
    });
    await writesAgain(it);
  });

  test('whose agent hangs is left as it is, within a limit, and nothing is left of the snapshot', {
    timeout: 180_000,
  }, async () => {
    const it = shared();
    await it.guest.sh('killall -STOP ld.so');
    const { hypervisor, call } = it;
    await expect(hypervisor.snapshot(machine, { quiesce: 'filesystem', owner: mark() }, call)).rejects.toMatchObject({
      code: 'GUEST_UNAVAILABLE',
    });
    expect((await readdir(it.root, { recursive: true })).filter((name) => name.includes('.holdfast'))).toEqual([]);
    await writesAgain(it);
    const snapshot = await hypervisor.snapshot(machine, { quiesce: 'none', owner: mark() }, call);
    await hypervisor.release(snapshot.id, call);
    await it.guest.sh('killall -CONT ld.so');
    const again = await hypervisor.snapshot(machine, { quiesce: 'filesystem', owner: mark() }, call);
    await hypervisor.release(again.id, call);
  });
});
