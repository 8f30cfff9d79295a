import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Qmp } from '../../../../../plugins/hypervisors/kvm/src/qemu/qmp.ts';
import { scripted } from '../live/scripted.ts';

const greeting =
  '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 7}, "package": ""}, "capabilities": []}}\r\n';
const quick = { title: 'web', limitMs: 200 };

/** QEMU that greets, and answers each command by a table. */
const qemu = (table: Readonly<Record<string, string | null>>) =>
  scripted((line, socket) => {
    const { execute, id } = JSON.parse(line) as { execute: string; id: number };
    if (execute === 'die') socket.destroy();
    const answer = Object.hasOwn(table, execute) ? table[execute] : '"return": {}';
    return answer === null || answer === undefined ? null : `{${answer}, "id": ${id}}\r\n`;
  }, greeting);

describe('a talk with QEMU', () => {
  test('matches answers to questions, with events in between', async () => {
    await using peer = await qemu({ ask: '"return": [1, 2]' });
    await using qmp = await Qmp.connect(peer.path, quick);
    expect(qmp.version).toEqual([7, 2, 0]);
    expect(await Promise.all([qmp.execute('ask'), qmp.execute('other')])).toEqual([[1, 2], {}]);
  });

  test('that QEMU refuses says what QEMU said', async () => {
    await using peer = await qemu({ ask: '"error": {"class": "GenericError", "desc": "Node is busy"}' });
    await using qmp = await Qmp.connect(peer.path, quick);
    await expect(qmp.execute('ask')).rejects.toMatchObject({
      code: 'MACHINE_UNPROTECTABLE',
      message: 'QEMU of web refused ask: Node is busy',
    });
  });

  test('ends with a clear error when QEMU dies in the middle of a command', async () => {
    await using peer = await qemu({ die: null });
    await using qmp = await Qmp.connect(peer.path, quick);
    await expect(qmp.execute('die')).rejects.toMatchObject({
      code: 'ENDPOINT_UNREACHABLE',
      message: expect.stringContaining('ended, or broke the connection'),
    });
    await expect(qmp.execute('more')).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
  });

  test.each([
    ['hangs from the start', null],
    ['is none', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['speaks another JSON', '{"hello": 1}\r\n'],
  ])('is refused within its limit when what answers %s', async (_what, said) => {
    await using peer = await scripted(() => null, said);
    await expect(Qmp.connect(peer.path, quick)).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
  });

  test('that is not answered ends within its limit', async () => {
    await using peer = await qemu({ ask: null });
    await using qmp = await Qmp.connect(peer.path, quick);
    await expect(qmp.execute('ask', undefined, 50)).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
  });

  test('with nobody is told apart: the machine is off', async () => {
    await expect(Qmp.connect('/tmp/no-such-socket.qmp', quick)).rejects.toMatchObject({ code: 'MACHINE_NOT_FOUND' });
  });

  test('survives any rubbish, and a line without end', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        await using peer = await scripted(() => Buffer.concat([bytes, Buffer.from('\n')]), greeting);
        await expect(Qmp.connect(peer.path, { title: 'web', limitMs: 40 })).rejects.toMatchObject({
          code: 'ENDPOINT_UNREACHABLE',
        });
      }),
      { numRuns: 25 },
    );
    const endless = Buffer.alloc(1024 * 1024, 'x');
    await using flood = await scripted((_line, socket) => {
      for (let count = 0; count < 20; count++) socket.write(endless);
      return null;
    }, greeting);
    await expect(Qmp.connect(flood.path, { title: 'web', limitMs: 10_000 })).rejects.toMatchObject({
      code: 'ENDPOINT_UNREACHABLE',
      message: expect.stringContaining('more than'),
    });
  });
});
