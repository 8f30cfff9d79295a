import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { readToken, writeToken } from '../../../../../plugins/hypervisors/kvm/src/qemu/tokens.ts';
import { collect, MiB, mark, missing, QemuYard, type RunningQemu, tokensOf } from './running.ts';

const why = missing();
beforeEach((ctx) => {
  if (why !== null) ctx.skip(why);
});

/** A machine of which one restore point has been made, and its tokens. */
async function protectedOnce() {
  const yard = await QemuYard.open();
  const disks = [await yard.disk('a', 'qcow2', 8 * MiB), await yard.disk('b', 'qcow2', 8 * MiB)];
  const vm = await yard.machine('web', disks);
  const tokens = await take(yard, []);
  return { yard, vm, disks, tokens, [Symbol.asyncDispose]: () => yard[Symbol.asyncDispose]() };
}

async function take(yard: QemuYard, since: readonly string[]): Promise<readonly string[]> {
  const snapshot = await yard.hypervisor.snapshot('socket-web', { quiesce: 'none', owner: mark(), since }, yard.call);
  await yard.hypervisor.release(snapshot.id, yard.call);
  return tokensOf(snapshot);
}

/** What the next snapshot says of changes of a disk since a token. */
async function next(yard: QemuYard, tokens: readonly string[], disk: 'vda' | 'vdb'): Promise<string> {
  const { hypervisor, call } = yard;
  const snapshot = await hypervisor.snapshot('socket-web', { quiesce: 'none', owner: mark(), since: tokens }, call);
  const ref = { machine: 'socket-web', snapshot: snapshot.id, disk };
  const token = tokens[disk === 'vda' ? 0 : 1] ?? '';
  try {
    return `known: ${JSON.stringify(await collect(hypervisor.changes?.(ref, token, call)))}`;
  } catch (thrown) {
    const { code, message } = thrown as { readonly code: string; readonly message: string };
    return `${code}: ${message}`;
  } finally {
    await hypervisor.release(snapshot.id, call);
    expect(await yard.left()).toEqual([]);
  }
}

async function restart(yard: QemuYard, vm: RunningQemu): Promise<void> {
  await yard.hypervisor.power?.('socket-web', 'off', yard.call);
  await vm.ended();
  await vm.start();
}

describe('changes since a restore point are lost, with the reason, and the next one is tracked again', () => {
  test('when QEMU was killed before its bitmap was ever saved', async () => {
    await using it = await protectedOnce();
    await it.vm.kill();
    await it.vm.start();
    expect(await next(it.yard, it.tokens, 'vda')).toMatch(
      /^TRACKING_LOST: .*QEMU was killed, so its bitmap was not saved/,
    );
    const tokens = await take(it.yard, it.tokens);
    await it.vm.write('vda', 0, 512, 1);
    expect(await next(it.yard, tokens, 'vda')).toBe('known: [{"offset":0,"length":65536}]');
  });

  test('when QEMU was killed after a start that found the bitmap', async () => {
    await using it = await protectedOnce();
    await restart(it.yard, it.vm);
    await it.vm.write('vda', 0, 512, 1);
    await it.vm.kill();
    await it.vm.start();
    expect(await next(it.yard, it.tokens, 'vda')).toMatch(
      /^TRACKING_LOST: QEMU was killed or its host failed.*not saved/,
    );
    // What cannot be used is cleaned up like any other.
    await it.yard.hypervisor.retainTracking?.('socket-web', { site: mark().site, tokens: [] }, it.yard.call);
    expect(await it.vm.bitmaps()).toEqual([]);
  });

  test('when the bitmap was removed behind our back', async () => {
    await using it = await protectedOnce();
    for (const name of await it.vm.bitmaps()) {
      await it.vm.execute('block-dirty-bitmap-remove', { node: 'n-vda', name }).catch(() => {});
    }
    expect(await next(it.yard, it.tokens, 'vda')).toMatch(
      /^TRACKING_LOST: the bitmap of disk vda is not there any more/,
    );
    expect(await next(it.yard, it.tokens, 'vdb')).toBe('known: []');
  });

  test('when it was switched off behind our back', async () => {
    await using it = await protectedOnce();
    const name = it.tokens[0]?.split('/').at(-1) ?? '';
    await it.vm.execute('block-dirty-bitmap-disable', { node: 'n-vda', name });
    expect(await next(it.yard, it.tokens, 'vda')).toMatch(/^TRACKING_LOST: the bitmap of disk vda was switched off/);
  });

  test('when the disk grew', async () => {
    await using it = await protectedOnce();
    await it.vm.execute('block_resize', { 'node-name': 'n-vda', size: 16 * MiB });
    expect(await next(it.yard, it.tokens, 'vda')).toBe(
      `TRACKING_LOST: disk vda grew from ${8 * MiB} to ${16 * MiB} bytes since the last restore point`,
    );
  });

  test('when images have changed places: the bitmap of another disk is not believed', async () => {
    await using it = await protectedOnce();
    await it.yard.hypervisor.power?.('socket-web', 'off', it.yard.call);
    await it.vm.ended();
    await it.yard.machine('web', it.disks.toReversed());
    for (const disk of ['vda', 'vdb'] as const) {
      expect(await next(it.yard, it.tokens, disk)).toMatch(
        /^TRACKING_LOST: QEMU was started anew and the bitmap of disk/,
      );
    }
  });

  test('when the disk lies over another image now', async () => {
    await using it = await protectedOnce();
    const overlay = `${it.yard.disks}/over.qcow2`;
    await it.vm.execute('blockdev-snapshot-sync', {
      'node-name': 'n-vda',
      'snapshot-file': overlay,
      'snapshot-node-name': 'n-over',
      format: 'qcow2',
    });
    expect(await next(it.yard, it.tokens, 'vda')).toMatch(/^TRACKING_LOST: .*has another image/);
  });

  test('when nobody asked beforehand, or the token is none of ours', async () => {
    await using it = await protectedOnce();
    const { hypervisor, call } = it.yard;
    const snapshot = await hypervisor.snapshot('socket-web', { quiesce: 'none', owner: mark() }, call);
    const ref = { machine: 'socket-web', snapshot: snapshot.id, disk: 'vda' };
    for (const token of [...it.tokens, 'nonsense', '']) {
      await expect(collect(hypervisor.changes?.(ref, token, call))).rejects.toMatchObject({ code: 'TRACKING_LOST' });
    }
  });
});

describe('tracking', () => {
  test('is kept of the newest points of this site, and of others’ altogether', async () => {
    await using it = await protectedOnce();
    const { hypervisor, call } = it.yard;
    const theirs = mark('07e4e400-0000-4000-8000-000000000000');
    const other = await hypervisor.snapshot('socket-web', { quiesce: 'none', owner: theirs }, call);
    await hypervisor.release(other.id, call);
    const tokens = await take(it.yard, []);
    expect(await it.vm.bitmaps()).toHaveLength(6);
    await hypervisor.retainTracking?.('socket-web', { site: mark().site, tokens }, call);
    const kept = [...tokens, ...tokensOf(other)].map((token) => token.split('/').at(-1) ?? '');
    expect(await it.vm.bitmaps()).toEqual(kept.toSorted());
    await hypervisor.retainTracking?.('socket-web', { site: mark().site, tokens: [] }, call);
    await hypervisor.retainTracking?.('no-such-machine', { site: mark().site, tokens: [] }, call);
    expect(await it.vm.bitmaps()).toHaveLength(2);
  });

  test('is not promised of a raw disk', async () => {
    await using yard = await QemuYard.open();
    await yard.machine('web', [await yard.disk('a', 'raw', MiB)]);
    expect(await take(yard, [])).toEqual([]);
  });
});

test('a change token is read back as it was written, and nothing else is taken for one', () => {
  const facts = fc.record({
    key: fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
    sizeBytes: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    process: fc.stringMatching(/^[0-9a-f]{16}$/),
    bitmap: fc.stringMatching(/^holdfast-[A-Za-z0-9_.-]{1,100}$/),
  });
  fc.assert(fc.property(facts, (one) => void expect(readToken(writeToken(one))).toEqual(one)));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => readToken(text) === null));
});
