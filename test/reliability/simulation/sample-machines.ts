import type { Dice } from './dice.ts';
import type { ModelMachine } from './model.ts';

export const BLOCK = 4096;
const POOL_BLOCKS = 512;

/** Blocks that all machines of all worlds are made of, so that they share some: what does not compress, and what does. */
const pool = makePool();

function makePool(): Buffer {
  const bytes = Buffer.alloc(POOL_BLOCKS * BLOCK);
  let state = 0x9e3779b9;
  for (let at = 0; at < bytes.length; at += 4) {
    if ((at / BLOCK) % 3 >= 2) {
      bytes.writeUInt32LE((at / BLOCK) >>> 0, at);
      continue;
    }
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + at) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}

/** Writes a run of blocks of the pool, or zeros. */
export function scribble(disk: Buffer, dice: Dice): void {
  const blocks = disk.length / BLOCK;
  const first = dice.below(blocks);
  const count = Math.min(blocks - first, dice.pick([1, 1, 2, 4, 16]));
  const at = first * BLOCK;
  if (dice.chance(0.15)) {
    disk.fill(0, at, at + count * BLOCK);
    return;
  }
  const from = dice.below(POOL_BLOCKS - count) * BLOCK;
  pool.copy(disk, at, from, from + count * BLOCK);
  // Sometimes something that nobody else has.
  if (dice.chance(0.6)) disk.writeUInt32LE(dice.word(), at + dice.below(BLOCK - 4));
}

export function makeDisk(dice: Dice): Buffer {
  const disk = Buffer.alloc(dice.between(8, 56) * BLOCK);
  const from = dice.below(POOL_BLOCKS / 2) * BLOCK;
  pool.copy(disk, 0, from, Math.min(pool.length, from + disk.length - dice.below(8) * BLOCK));
  for (let i = 0; i < 4; i++) scribble(disk, dice);
  return disk;
}

export function makeMachines(dice: Dice): ModelMachine[] {
  return Array.from({ length: dice.between(1, 2) }, (_, i) => {
    const disks = new Map([['vda', makeDisk(dice)]]);
    if (dice.chance(0.3)) disks.set('vdb', makeDisk(dice));
    return { id: `m${i + 1}`, disks };
  });
}

/** Whole blocks in which two states of a disk of one size differ, and now and then one in which they do not. */
export function changedExtents(
  before: Buffer,
  after: Buffer,
  dice: Dice,
): { readonly offset: number; readonly length: number }[] {
  const extents: { offset: number; length: number }[] = [];
  for (let at = 0; at < after.length; at += BLOCK) {
    const isSame = before.compare(after, at, at + BLOCK, at, at + BLOCK) === 0;
    if (isSame && !dice.chance(0.03)) continue;
    const last = extents.at(-1);
    if (last !== undefined && last.offset + last.length === at) last.length += BLOCK;
    else extents.push({ offset: at, length: BLOCK });
  }
  return extents;
}
