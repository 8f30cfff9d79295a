import { constants } from 'node:fs';
import { access, link, open, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Call, HoldfastError, isHoldfastError, type PointSummary } from '@holdfast/api';
import type { Repository } from '../../../repository/contract.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { findPoint } from '../../lookup/points.ts';
import { textOf, textOrNull } from '../../registry/argument-values.ts';
import { bytesCell, detailView, durationCell, textCell } from '../../view/build.ts';

function diskOf(point: PointSummary, wanted: string | null): PointSummary['disks'][number] {
  const keys = point.disks.map(({ key }) => key);
  const [only, second] = point.disks;
  if (wanted === null && only !== undefined && second === undefined) return only;
  const disk = point.disks.find(({ key }) => key === wanted);
  if (disk !== undefined) return disk;
  const problem = wanted === null ? 'which disk is meant is not said' : `the restore point has no disk ${wanted}`;
  throw new HoldfastError('USAGE', problem, { remedy: `add \`--disk\` with one of: ${keys.join(', ')}` });
}

async function refuseExisting(path: string): Promise<void> {
  try {
    await access(path, constants.F_OK);
  } catch {
    return;
  }
  throw new HoldfastError('NAME_TAKEN', `${path} is there already, and an export never overwrites`, {
    remedy: 'name another file, or move that one away',
    facts: { path },
  });
}

function fileProblem(path: string, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (code === 'EEXIST') {
    return new HoldfastError('NAME_TAKEN', `${path} is there already, and an export never overwrites`, {
      cause,
      facts: { path },
    });
  }
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EROFS' || code === 'ENOTDIR') {
    return new HoldfastError('USAGE', `${path} cannot be made: ${String(code)}`, {
      remedy: 'name a file in a folder that exists and that you may write to',
      cause,
      facts: { path },
    });
  }
  return code === 'ENOSPC' ? new HoldfastError('DISK_SPACE', `no room left for ${path}`, { cause }) : cause;
}

/** Writes to a neighbour of another name and gives it its own name when it is whole: a file of that name is never half there. */
async function toFile(
  repository: Repository,
  point: PointSummary,
  disk: string,
  sizeBytes: number,
  to: string,
  call: Call,
) {
  const path = resolve(to);
  const half = `${path}.partial`;
  await refuseExisting(path);
  let isOurs = false;
  try {
    const file = await open(half, 'wx', 0o600);
    isOurs = true;
    try {
      await file.truncate(sizeBytes);
    } finally {
      await file.close();
    }
    const moved = await repository.restore(
      point.point,
      disk,
      { kind: 'file', path: half, format: 'raw', sizeBytes },
      call,
    );
    await link(half, path);
    await rm(half);
    return { path, ...moved };
  } catch (problem) {
    // What can still be had of a damaged disk may be all that is left of a machine.
    if (isHoldfastError(problem, 'REPOSITORY_DAMAGED')) {
      throw new HoldfastError('REPOSITORY_DAMAGED', problem.message, {
        remedy: `what could be read is in ${half}; the places named read as zeros there`,
        facts: { ...problem.facts, path: half },
        cause: problem,
      });
    }
    if (isOurs) await rm(half, { force: true });
    throw fileProblem(isOurs ? path : half, problem);
  }
}

async function toStdout(
  site: Site,
  repository: Repository,
  point: PointSummary,
  disk: string,
  sizeBytes: number,
  call: Call,
) {
  if (site.out === null) throw new HoldfastError('UNSUPPORTED', 'there is no stdout here to export to');
  let doneBytes = 0;
  for await (const bytes of repository.read(point.point, disk, null, call)) {
    if (!(await site.out(bytes))) throw new HoldfastError('CANCELLED', 'the reader of the export has gone away');
    doneBytes += bytes.length;
    call.progress({ phase: `exporting ${disk}`, doneBytes, totalBytes: sizeBytes });
  }
  return { path: '-', readBytes: doneBytes };
}

export const run: ShellHandler = async (site, args, call) => {
  const point = await findPoint(site, textOf(args, 'point'), textOrNull(args, 'target'), call);
  const disk = diskOf(point, textOrNull(args, 'disk'));
  const to = textOf(args, 'to');
  const startedAt = site.now();
  const repository = await site.repository(point.target, call);
  const done =
    to === '-'
      ? await toStdout(site, repository, point, disk.key, disk.sizeBytes, call)
      : await toFile(repository, point, disk.key, disk.sizeBytes, to, call);
  const durationMs = site.now() - startedAt;
  return {
    data: { point: point.point, disk: disk.key, to: done.path, sizeBytes: disk.sizeBytes, durationMs },
    view: detailView(`Exported ${disk.key} of ${point.machineName}`, [
      ['to', 'To', textCell(done.path === '-' ? 'stdout' : done.path)],
      ['size', 'Size', bytesCell(disk.sizeBytes)],
      ['read', 'Read', bytesCell(done.readBytes)],
      ['duration', 'Took', durationCell(durationMs)],
    ]),
  };
};
