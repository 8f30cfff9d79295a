import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDomain } from '../../../../../plugins/hypervisors/kvm/src/domain/parse.ts';
import { plainDomain, rewriteDomain } from '../../../../../plugins/hypervisors/kvm/src/domain/rewrite.ts';
import { parseXml } from '../../../../../plugins/hypervisors/kvm/src/domain/xml.ts';
import { backupXml, checkpointXml } from '../../../../../plugins/hypervisors/kvm/src/libvirt/backup-xml.ts';
import { readMark } from '../../../../../plugins/hypervisors/kvm/src/libvirt/marks.ts';
import {
  asUuid,
  readBlockInfo,
  readDomainList,
  readEvent,
  readJob,
  readState,
  readTime,
} from '../../../../../plugins/hypervisors/kvm/src/libvirt/read.ts';
import { readBitmaps } from '../../../../../plugins/hypervisors/kvm/src/libvirt/snapshot-off.ts';
import { readCheckpoint, readToken, tokenText } from '../../../../../plugins/hypervisors/kvm/src/libvirt/tracking.ts';
import { errorsIn, splitBatch, virshWord } from '../../../../../plugins/hypervisors/kvm/src/libvirt/virsh.ts';
import { domain } from '../fixture.ts';

const uuid = '6dff11a9-e942-47ff-a358-22d643f52651';
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc
    .array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        '"',
        '<',
        '>',
        '/',
        "'",
        '\n',
        ' ',
        '-',
        ':',
        'disk',
        uuid,
        'Job type:',
        'error: ',
        '(Time: ',
        '1e999',
      ),
    )
    .map((parts) => parts.join('')),
);

describe('what virsh says', () => {
  test('of machines: names may hold blanks and quotes, identities are identities', () => {
    expect(readDomainList(`${uuid} web server 'x'\n\nnot-a-uuid name\n`)).toEqual([{ uuid, name: "web server 'x'" }]);
    expect(asUuid(`${uuid};id`)).toBeNull();
  });

  test('of disks: size and room taken, where they are known', () => {
    const text = ' vda   314572800   471040   589856\n sda   -   -   -\n vdb   67108864   -   -\n';
    expect([...readBlockInfo(text)]).toEqual([
      ['vda', { capacity: 314_572_800, allocation: 471_040 }],
      ['vdb', { capacity: 67_108_864, allocation: null }],
    ]);
  });

  test('of states and jobs', () => {
    expect(
      ['running', 'idle', 'in shutdown', 'paused', 'pmsuspended', 'shut off', 'crashed', 'what'].map(readState),
    ).toEqual([...['on', 'on', 'on', 'suspended', 'suspended', 'off', 'off', 'unknown']]);
    expect(readJob('Job type:         None        \n')).toBeNull();
    expect(readJob('Job type:         Unbounded   \nOperation:        Backup      \nTime elapsed: 64 ms\n')).toBe(
      'Backup',
    );
    expect(readTime('x\n(Time: 1.500 ms)\n\n(Time: 20.250 ms)\n')).toBe(21.75);
  });

  test('of events: the last quote ends a name with quotes in it', () => {
    expect(readEvent("2026-11-22 19:30:00.123+0000: event 'lifecycle' for domain 'it's': Started Booted")).toEqual({
      event: 'lifecycle',
      name: "it's",
      detail: 'Started Booted',
    });
    expect(readEvent('events received: 3')).toBeNull();
  });

  test('in a batch is told apart by its marks, wherever they stand', () => {
    expect(splitBatch('<n:3>one<n:4><n:5>three\n', 'n', 3, 6)).toEqual(['one', '', 'three\n']);
    expect(splitBatch('<x:0>other<n:9>beyond', 'n', 0, 2)).toEqual(['', '']);
  });

  test('whatever it is, is read without a fault', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const read of [
          readDomainList,
          readBlockInfo,
          readState,
          readJob,
          readEvent,
          readTime,
          errorsIn,
          readToken,
          readBitmaps,
          readMark,
        ])
          read(text);
        splitBatch(text, 'n', 0, 3);
        readCheckpoint(text, 'c', true);
      }),
    );
  });
});

describe('words for virsh', () => {
  test('reach its commands exactly as they are', (ctx) => {
    try {
      execFileSync('virsh', ['--version'], { stdio: 'ignore' });
    } catch {
      ctx.skip('no virsh here');
    }
    const word = fc.oneof(
      fc.string({ maxLength: 30 }).filter((text) => !text.startsWith('-')),
      fc.constantFrom("'", '"', '\\', ';', '#', "a'b", '; list', '{"execute":"guest-ping"}'),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const printed = execFileSync('virsh', ['-q', `echo ${words.map(virshWord).join(' ')}`]).toString();
        expect(printed).toBe(words.join(' '));
      }),
      { numRuns: 60 },
    );
  });
});

describe('change tokens', () => {
  test('come back as they were written, and nothing else is one', () => {
    const token = { checkpoint: 'holdfast-abcdefgh-intent.1', sizeBytes: 12, image: '0123456789abcdef' };
    expect(readToken(tokenText(token))).toEqual(token);
    for (const text of ['', 'x/1', 'holdfast-a/', 'holdfast-a;b/1', 'holdfast-a/-1', 'holdfast-a/1', 'holdfast-a/1/2'])
      expect(readToken(text)).toBeNull();
  });
});

describe('a checkpoint', () => {
  const text = (disk: string): string =>
    `<domaincheckpoint><name>c</name><creationTime>7</creationTime><disks>${disk}</disks></domaincheckpoint>`;

  test('tracks a disk only when QEMU tells how much has changed', () => {
    const found = readCheckpoint(
      text(
        "<disk name='vda' checkpoint='bitmap' size='0'/><disk name='vdb' checkpoint='bitmap'/><disk name='vdc' checkpoint='no'/>",
      ),
      'c',
      true,
    );
    expect([...(found?.disks ?? [])]).toEqual([
      ['vda', true],
      ['vdb', false],
    ]);
  });

  test('of another name is not it', () => {
    expect(readCheckpoint(text(''), 'd', true)).toBeNull();
  });
});

describe('bitmaps of images', () => {
  test('that were not saved do not count', () => {
    const image = (name: string, flags: readonly string[]) => ({
      'format-specific': { data: { bitmaps: [{ name, flags }] } },
    });
    const found = readBitmaps(JSON.stringify([image('a', ['auto']), image('b', ['in-use', 'auto'])]));
    expect(found.map((names) => [...names])).toEqual([['a'], []]);
  });
});

describe('marks', () => {
  const mark = {
    format: 'holdfast-owner',
    version: 1,
    kind: 'machine',
    how: 'made',
    id: `made-${'0'.repeat(32)}`,
    title: 't',
    machine: uuid,
    owner: { site: 's', intent: 'i', run: 'r', createdAt: 1 },
    socket: null,
    checkpoint: null,
    disks: [],
    folder: '/x',
    files: ['vda.qcow2'],
  };

  test('that name a file outside of their folder, or are not wholly ours, are none', () => {
    expect(readMark(JSON.stringify(mark))).toEqual(mark);
    for (const wrong of [
      { files: ['../x'] },
      { files: ['/x'] },
      { files: ['-rf'] },
      { id: 'made-../../x' },
      { machine: 'x' },
      { version: 2 },
      { owner: null },
    ])
      expect(readMark(JSON.stringify({ ...mark, ...wrong }))).toBeNull();
  });
});

describe('documents for libvirt', () => {
  test('hold names and paths as they are, whatever characters those have', () => {
    const path = fc.string({ maxLength: 40 }).filter((text) => !/[\u0000-\u001f]/.test(text));
    fc.assert(
      fc.property(path, path, (scratch, socket) => {
        const root = parseXml(backupXml(socket, [{ key: 'vda', scratch, since: 'c' }], ['vdb']).trim());
        const [server, disks] = root.children;
        expect(server?.attributes.get('socket')).toBe(socket);
        expect(disks?.children[0]?.children[1]?.attributes.get('file')).toBe(scratch);
        expect(disks?.children[1]?.attributes.get('backup')).toBe('no');
        expect(parseXml(checkpointXml(scratch, ['vda'], []).trim()).children[0]?.text).toBe(scratch.trim());
      }),
    );
  });
});

describe('a domain', () => {
  const noted = `<metadata><x:tags xmlns:x="urn:holdfast:tags:1" folder="/prod/web"><x:tag>gold</x:tag><x:tag>gold</x:tag><x:tag>db</x:tag></x:tags></metadata>`;

  test('tells the tags and the folder that were noted down in it', () => {
    const text = domain('web', uuid, [['vda', 'qcow2', '/a']]).replace('<memory', `${noted}<memory`);
    expect(parseDomain(text)).toMatchObject({ tags: ['gold', 'db'], folder: '/prod/web', isHalfMade: false });
  });

  test('that is restored beside itself gets identity, addresses and a mark of its own, and keeps what others noted down', () => {
    const text = domain('web', uuid, [['vda', 'qcow2', '/a']]).replace('<memory', `${noted}<memory`);
    const to = {
      name: 'web <2>',
      uuid: 'd97abdda-e7eb-4310-b3e0-821b9750a94c',
      disks: new Map([['vda', '/b.qcow2']]),
      formats: new Map([['vda', 'qcow2']]),
      note: `<h:owner xmlns:h="urn:holdfast:owner:1" mark="m">half</h:owner>`,
      newAddresses: true,
      type: 'qemu',
    };
    for (const made of [rewriteDomain(text, to), plainDomain({ ...to, memoryBytes: 2 ** 30, cpus: 2 })]) {
      expect(parseDomain(made)).toMatchObject({
        name: 'web <2>',
        uuid: to.uuid,
        isHalfMade: true,
        disks: [{ key: 'vda', format: 'qcow2', source: '/b.qcow2' }],
      });
      expect(made).not.toContain('52:54:00:11:22:33');
      expect(parseXml(made.trim()).attributes.get('type')).toBe('qemu');
    }
    expect(parseDomain(rewriteDomain(text, to)).tags).toEqual(['gold', 'db']);
  });

  test('tells devices, volumes and what lies on the network apart', () => {
    const disks = `<disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vda'/></disk>
      <disk type='network' device='disk'><source protocol='rbd' name='pool/img'/><target dev='vdb'/></disk>
      <disk type='block' device='lun'><source dev='/dev/sdx'/><target dev='sda'/></disk>`;
    const found = parseDomain(`<domain><name>x</name><devices>${disks}</devices></domain>`).disks;
    expect(found.map(({ key, volume, elsewhere, isLun }) => [key, volume?.name ?? null, elsewhere, isLun])).toEqual([
      ['vda', 'v', 'p v', false],
      ['vdb', null, 'rbd pool/img', false],
      ['sda', null, null, true],
    ]);
  });
});
