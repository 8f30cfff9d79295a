import type { DiskSink, DiskSource, Extent } from '@holdfast/api';
import type { SharedIndex } from '../index/index-view.ts';
import { openSink, openSource } from '../lanes/disks.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import { type Handlers, Handover, type Wire } from '../lanes/wire.ts';
import { decodePieces } from '../map/segment-list.ts';
import { ClippedMemory } from './clipped-memory.ts';
import { MoveLane } from './move-lane.ts';
import { type ListedSegment, piecesOf, planPieces, type ReadTask, type WantedPiece } from './plan.ts';

/** A segment of a disk whose list is to be had. */
export interface NamedSegment {
  readonly start: number;
  readonly length: number;
  readonly id: Uint8Array;
}

export interface SegmentPlan {
  /** For each segment its list; `null` where that is lost. */
  readonly lists: readonly (Uint8Array | null)[];
  readonly tasks: readonly ReadTask[];
  readonly missing: readonly WantedPiece[];
}

/** A range of a disk, and the pieces that touch it. */
export interface SliceOrder {
  readonly index: SharedIndex;
  readonly pieces: readonly WantedPiece[];
  readonly offset: number;
  readonly length: number;
}

export interface Slice {
  readonly bytes: Uint8Array;
  readonly failed: readonly WantedPiece[];
}

/** What a thread can be asked for to read disks back. */
export function readWork(context: ThreadContext, wire: () => Wire): Handlers {
  const moves = new Map<number, Promise<MoveLane>>();
  return {
    'disk.allocated': (from: DiskSource) => allocated(from, wire()),
    'read.chunk': async ({ index, id }: { index: SharedIndex; id: Uint8Array }) =>
      alone(await context.chunks.read(id, context.index(index).all(id))),
    'read.lists': ({ index, segments }: { index: SharedIndex; segments: readonly NamedSegment[] }) =>
      readLists(context, index, segments),
    'read.plan': async ({ index, segments }: { index: SharedIndex; segments: readonly NamedSegment[] }) => {
      const lists = await readLists(context, index, segments);
      const listed: ListedSegment[] = [];
      lists.forEach((list, i) => {
        if (list !== null) listed.push({ start: segments[i]?.start ?? 0, list });
      });
      const plan: SegmentPlan = { lists, ...planPieces(listed.flatMap(piecesOf), context.index(index)) };
      return plan;
    },
    'read.locate': (order: { index: SharedIndex; pieces: readonly WantedPiece[]; place: number }) =>
      planPieces(order.pieces, context.index(order.index), order.place),
    'read.move': async ({ job, sink, tasks }: { job: number; sink: DiskSink | null; tasks: readonly ReadTask[] }) => {
      let lane = moves.get(job);
      if (lane === undefined) {
        lane = openLane(context, sink);
        moves.set(job, lane);
      }
      return (await lane).move(tasks);
    },
    'read.slice': (order: SliceOrder) => readSlice(context, order),
    'read.end': async ({ job, durable }: { job: number; durable: boolean }) => {
      const lane = moves.get(job);
      moves.delete(job);
      if (lane !== undefined) await (await lane).close(durable);
    },
  };
}

async function openLane(context: ThreadContext, sink: DiskSink | null): Promise<MoveLane> {
  return new MoveLane(context, sink === null ? null : await openSink(sink));
}

/** The bytes of a range, with zeros where no piece says otherwise. */
async function readSlice(context: ThreadContext, order: SliceOrder): Promise<Handover> {
  const memory = new ClippedMemory(order.offset, order.length);
  const lane = new MoveLane(context, memory);
  const lost: WantedPiece[] = [];
  let left = order.pieces;
  // A chunk may lie in several packs, and be damaged in one of them.
  for (let place = 0; left.length > 0; place++) {
    const { tasks, missing } = planPieces(left, context.index(order.index), place);
    lost.push(...missing);
    left = (await lane.move(tasks)).failed;
  }
  const slice: Slice = { bytes: memory.bytes, failed: lost };
  return new Handover(slice, [memory.bytes.buffer as ArrayBuffer]);
}

async function allocated(from: DiskSource, wire: Wire): Promise<readonly Extent[]> {
  const reader = await openSource(from, wire);
  try {
    return await reader.allocated();
  } finally {
    await reader.close();
  }
}

async function readLists(
  context: ThreadContext,
  index: SharedIndex,
  segments: readonly NamedSegment[],
): Promise<(Uint8Array | null)[]> {
  const view = context.index(index);
  const lists: (Uint8Array | null)[] = [];
  for (const { id, start, length } of segments) {
    const list = await context.chunks.read(id, view.all(id));
    lists.push(list !== null && decodePieces(list, start, length) !== null ? alone(list) : null);
  }
  return lists;
}

/** In memory of its own: cloned, a part of a larger buffer would take the whole of it along. */
function alone(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null ? null : Uint8Array.from(bytes);
}
