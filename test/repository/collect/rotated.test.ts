import { rm } from 'node:fs/promises';
import { isHoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { passphrase } from '../lab.ts';
import { machine } from '../paper.ts';
import { noise, rawImage } from '../sample-disks.ts';
import { call, MIB, openCollectLab } from './collect-lab.ts';

test('a writer whose key was taken away before the keys were rotated cannot build upon what it cannot read to be condemned', async () => {
  await using one = await openCollectLab({ workers: 0 });
  const { repository } = one.lab;
  const dead = noise('dead', MIB / 2);
  const { id } = await repository.addPassphrase({ passphrase: 'stolen' }, 'stolen', call);
  const gone = await one.protect('m1', dead);
  const stolen = await one.lab.reopen({ passphrase: 'stolen' }, 'a host that was given up');
  await stolen.points({}, call);
  await repository.removeKey(id, call);
  await repository.rotateKeys([{ passphrase }, { recoveryWords: one.lab.words }], call);
  await one.protect('m1', noise('alive', MIB / 4));
  await repository.forget([gone.point], 'test', call);
  one.expected.delete(gone.point);
  // A reader holds the collection up between the two marks, and that host begins then.
  const other = await one.lab.reopen(undefined, 'a reader');
  const waiting = await other.begin({ endpoint: 'lab', id: 'm3' }, call);
  await one.collect();
  const begin = async () => {
    const writer = await stolen.begin({ endpoint: 'lab', id: 'm2' }, call);
    const source = await rawImage(one.lab.folder, 'stolen.raw', dead);
    await writer.write('vda', source, {}, call);
    await rm(source.path);
    return writer;
  };
  const writer = await begin().catch((thrown: unknown) => thrown);
  await waiting.abandon(call);
  await one.collect();
  if (isHoldfastError(writer)) {
    expect(writer).toMatchObject({ code: 'REPOSITORY_DAMAGED', facts: { generation: 2 } });
  } else {
    const disks = [{ key: 'vda', sizeBytes: dead.length, format: 'raw', changeToken: null }] as const;
    const meta = { machine: machine('m2'), endpoint: 'lab', takenAt: one.clock.now++, run: 'r', disks } as const;
    const { point } = await (writer as Awaited<ReturnType<typeof begin>>).commit(
      { ...meta, consistency: 'crash', frozenMs: 0 },
      call,
    );
    one.expected.set(point, dead);
  }
  await one.expectWhole();
});
