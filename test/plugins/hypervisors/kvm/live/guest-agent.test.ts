import { makeCall } from '@holdfast/api';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AgentSocket } from '../../../../../plugins/hypervisors/kvm/src/live/agent-socket.ts';
import { withFrozenGuest } from '../../../../../plugins/hypervisors/kvm/src/live/freeze.ts';
import { GuestAgent } from '../../../../../plugins/hypervisors/kvm/src/live/guest-agent.ts';
import { agentAnswers, scripted } from './scripted.ts';

const call = makeCall();
const quick = { title: 'web', limitMs: 300 };
const can = { supported_commands: [{ name: 'guest-fsfreeze-freeze', enabled: true }] };

describe('a guest agent', () => {
  test('that hangs is named as unavailable within the limit', async () => {
    await using peer = await scripted(() => null);
    await expect(AgentSocket.connect(peer.path, quick)).rejects.toMatchObject({
      code: 'GUEST_UNAVAILABLE',
      message: expect.stringContaining('did not answer within 300 ms'),
    });
  });

  test('that hangs is noticed with the first command too, where that is sent along', async () => {
    await using peer = await scripted(() => null);
    await using socket = await AgentSocket.connect(peer.path, { ...quick, late: true });
    await expect(socket.ask('guest-fsfreeze-thaw')).rejects.toMatchObject({ code: 'GUEST_UNAVAILABLE' });
    await using lively = await scripted(agentAnswers({ 'guest-fsfreeze-thaw': 2 }), '{"return": 7}\n{"ret');
    await using again = await AgentSocket.connect(lively.path, { ...quick, late: true });
    expect(await again.ask('guest-fsfreeze-thaw')).toBe(2);
  });

  test('whose socket nobody serves is named as unavailable', async () => {
    await expect(AgentSocket.connect('/tmp/no-such-agent.qga', quick)).rejects.toMatchObject({
      code: 'GUEST_UNAVAILABLE',
    });
  });

  test('that hangs in the middle is not believed when its late answer comes to the next question', async () => {
    await using peer = await scripted(agentAnswers({ 'guest-fsfreeze-status': 'thawed', 'guest-info': undefined }));
    await using socket = await AgentSocket.connect(peer.path, quick);
    await expect(socket.ask('guest-info', undefined, 100)).rejects.toMatchObject({ code: 'GUEST_UNAVAILABLE' });
    await expect(socket.ask('guest-fsfreeze-status')).rejects.toMatchObject({ code: 'GUEST_UNAVAILABLE' });
  });

  test('is understood although an earlier talk has left half an answer behind', async () => {
    const answers = agentAnswers({ 'guest-fsfreeze-status': 'frozen' });
    await using peer = await scripted(answers, '{"return": "thawed"}\n{"return": 12345}\n{"retu');
    await using socket = await AgentSocket.connect(peer.path, quick);
    expect(await new GuestAgent(socket.ask, 'web').isFrozen()).toBe(true);
  });

  test('that talks rubbish, or without end, is refused and costs no memory', { timeout: 120_000 }, async () => {
    const endless = Buffer.alloc(1024 * 1024, 'x');
    await using flood = await scripted((_line, socket) => {
      for (let count = 0; count < 12; count++) socket.write(endless);
      return null;
    });
    await expect(AgentSocket.connect(flood.path, { title: 'web', limitMs: 5_000 })).rejects.toMatchObject({
      code: 'GUEST_UNAVAILABLE',
      message: expect.stringContaining('more than'),
    });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        await using peer = await scripted(() => Buffer.concat([bytes, Buffer.from('\n')]));
        await expect(AgentSocket.connect(peer.path, { title: 'web', limitMs: 50 })).rejects.toMatchObject({
          code: 'GUEST_UNAVAILABLE',
        });
      }),
      { numRuns: 60 },
    );
  });

  test('cuts what a program in the guest prints at 1 MiB', async () => {
    const printed = Buffer.alloc(2 * 1024 * 1024, 'y').toString('base64');
    await using peer = await scripted(
      agentAnswers({
        'guest-exec': { pid: 7 },
        'guest-exec-status': { exited: true, exitcode: 3, 'out-data': printed },
      }),
    );
    await using socket = await AgentSocket.connect(peer.path, quick);
    const { exitCode, stdout, stderr } = await new GuestAgent(socket.ask, 'web').run(['yes'], call);
    expect({ exitCode, length: stdout.length, stderr }).toEqual({ exitCode: 3, length: 1024 * 1024, stderr: '' });
  });
});

describe('freezing a guest', () => {
  /** A guest whose agent answers by a table, and a watchdog that writes down what it is told. */
  async function guest(table: Readonly<Record<string, unknown>>) {
    const peer = await scripted(agentAnswers({ 'guest-info': can, 'guest-fsfreeze-status': 'thawed', ...table }));
    const told: string[] = [];
    const parts = {
      title: 'web',
      quiesce: 'filesystem' as const,
      limitMs: 1_000,
      async reach() {
        const socket = await AgentSocket.connect(peer.path, quick);
        return { agent: new GuestAgent(socket.ask, 'web'), [Symbol.asyncDispose]: async () => socket.close() };
      },
      async startWatchdog() {
        told.push(`started after ${peer.heard.filter((line) => line.includes('freeze-freeze')).length} freezes`);
        return { thawed: () => void told.push('thawed'), act: () => void told.push('act') };
      },
    };
    return { peer, told, parts, [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose]() };
  }

  test('starts the watchdog first, works, thaws, and says how long it took', async () => {
    await using it = await guest({ 'guest-fsfreeze-freeze': 2, 'guest-fsfreeze-thaw': 2 });
    let ticks = 0;
    const frozen = await withFrozenGuest({ ...it.parts, tick: () => (ticks += 70) }, async () => 'done', call);
    expect(frozen).toEqual({ result: 'done', frozenMs: 140, fileSystems: 2 });
    expect(it.told).toEqual(['started after 0 freezes', 'thawed']);
  });

  test('thaws when the work fails, and passes on why', async () => {
    await using it = await guest({ 'guest-fsfreeze-freeze': 2, 'guest-fsfreeze-thaw': 2 });
    const work = withFrozenGuest(it.parts, () => Promise.reject(new Error('no room')), call);
    await expect(work).rejects.toThrow('no room');
    expect(it.told).toEqual(['started after 0 freezes', 'thawed']);
    expect(it.peer.heard.some((line) => line.includes('guest-fsfreeze-thaw'))).toBe(true);
  });

  test.each([
    [
      'a watchdog or a timer had thawed it before all was done',
      { 'guest-fsfreeze-freeze': 2, 'guest-fsfreeze-thaw': 0 },
    ],
    ['it holds no file system', { 'guest-fsfreeze-freeze': 0, 'guest-fsfreeze-thaw': 0 }],
    [
      'its agent may not freeze',
      { 'guest-info': { supported_commands: [{ name: 'guest-fsfreeze-freeze', enabled: false }] } },
    ],
    ['its agent refuses', { 'guest-fsfreeze-thaw': 0 }],
  ])('is no consistent state when %s', async (_why, table) => {
    await using it = await guest(table);
    await expect(withFrozenGuest(it.parts, async () => 'done', call)).rejects.toMatchObject({
      code: 'QUIESCE_UNAVAILABLE',
    });
    expect(it.told).not.toContain('act');
  });

  test('that took longer than it may is no consistent state', async () => {
    await using it = await guest({ 'guest-fsfreeze-freeze': 1, 'guest-fsfreeze-thaw': 1 });
    let ticks = 0;
    const work = withFrozenGuest({ ...it.parts, tick: () => (ticks += 600) }, async () => 'done', call);
    await expect(work).rejects.toMatchObject({ code: 'QUIESCE_UNAVAILABLE' });
  });

  test('leaves it to the watchdog when the agent does not answer the thaw', async () => {
    await using it = await guest({ 'guest-fsfreeze-freeze': 2, 'guest-fsfreeze-thaw': undefined });
    await expect(withFrozenGuest(it.parts, async () => 'done', call)).rejects.toMatchObject({
      code: 'GUEST_UNAVAILABLE',
    });
    expect(it.told).toEqual(['started after 0 freezes', 'act']);
  });

  test('never begins without a watchdog', async () => {
    await using it = await guest({ 'guest-fsfreeze-freeze': 2, 'guest-fsfreeze-thaw': 2 });
    const parts = { ...it.parts, startWatchdog: () => Promise.reject(new Error('no sh')) };
    await expect(withFrozenGuest(parts, async () => 'done', call)).rejects.toThrow('no sh');
    expect(it.peer.heard.join()).not.toContain('guest-fsfreeze-freeze');
  });

  test('asks for a hook in the guest before it claims that applications were flushed', async () => {
    await using it = await guest({
      'guest-info': { supported_commands: [{ name: 'guest-fsfreeze-freeze' }, { name: 'guest-exec' }] },
      'guest-exec': { pid: 7 },
      'guest-exec-status': {
        exited: true,
        exitcode: 0,
        'out-data': Buffer.from('/usr/sbin/qemu-ga -d\n').toString('base64'),
      },
    });
    const parts = { ...it.parts, quiesce: 'application' as const };
    await expect(withFrozenGuest(parts, async () => 'done', call)).rejects.toMatchObject({
      code: 'QUIESCE_UNAVAILABLE',
    });
    await using hooked = await guest({
      'guest-info': { supported_commands: [{ name: 'guest-fsfreeze-freeze' }, { name: 'guest-exec' }] },
      'guest-exec': { pid: 7 },
      'guest-exec-status': {
        exited: true,
        exitcode: 0,
        'out-data': Buffer.from('/usr/sbin/qemu-ga -F/etc/qemu/fsfreeze-hook\n').toString('base64'),
      },
      'guest-fsfreeze-freeze': 1,
      'guest-fsfreeze-thaw': 1,
    });
    const again = await withFrozenGuest({ ...hooked.parts, quiesce: 'application' }, async () => 'done', call);
    expect(again.result).toBe('done');
  });
});
