import type { Plain } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { member, textOf } from '../live/plain.ts';
import type { Qmp } from './qmp.ts';
import { jobsOf } from './qmp.ts';
import { exportOf, fileNodeOf, type SnapshotRecord } from './records.ts';

const createMs = 30_000;

/**
 * Makes the scratch image of a disk and opens it in QEMU, over the node that the guest writes to: what is not in it is read
 * from there. QEMU makes it, so that it may write it.
 */
export async function openScratch(qmp: Qmp, record: SnapshotRecord, index: number): Promise<void> {
  const disk = record.disks[index];
  if (disk === undefined) throw new RangeError('no such disk');
  const [node, file] = [exportOf(record.id, index), fileNodeOf(record.id, index)];
  const { scratch, sizeBytes } = disk;
  await create(qmp, `${node}c`, { driver: 'file', filename: scratch, size: 0 });
  await qmp.execute('blockdev-add', { driver: 'file', 'node-name': file, filename: scratch });
  await create(qmp, `${node}d`, { driver: 'qcow2', file, size: sizeBytes });
  await qmp.execute('blockdev-add', { driver: 'qcow2', 'node-name': node, file, backing: disk.node });
}

/** Runs one job of QEMU that makes an image. */
async function create(qmp: Qmp, job: string, options: Readonly<Record<string, Plain>>): Promise<void> {
  await qmp.execute('blockdev-create', { 'job-id': job, options });
  const ended = await qmp.event(
    (name, data) =>
      name === 'JOB_STATUS_CHANGE' &&
      textOf(member(data, 'id')) === job &&
      textOf(member(data, 'status')) === 'concluded',
    createMs,
  );
  const error = (await jobsOf(qmp)).get(job)?.error ?? '';
  await qmp.execute('job-dismiss', { id: job });
  if (ended !== null && error === '') return;
  throw new HoldfastError(
    /no space/i.test(error) ? 'DISK_SPACE' : 'FOLDER_UNWRITABLE',
    `QEMU of ${qmp.title} could not make scratch: ${error === '' ? `not within ${createMs} ms` : error}`,
    {
      remedy: 'give the user of QEMU the right to write beside the disk, or set `scratch` of the endpoint',
      facts: { machine: qmp.title },
    },
  );
}
