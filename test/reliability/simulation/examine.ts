import { join } from 'node:path';
import { type ActionSite, describe, judgeLoss, restoreAndCompare } from './actions.ts';
import { SimulatedProcess } from './host.ts';
import { runAs } from './virtual-process.ts';
import type { World } from './world.ts';

/** Objects that a check may find when everybody has gone: what a writer or collector that was killed left, which nobody needs. */
const isHarmless = (kind: string, concerns: readonly unknown[]): boolean => kind === 'stale' && concerns.length === 0;

/**
 * When all is quiet and nothing fails any more: what was acknowledged is there and comes back byte for byte, what was not is invisible or whole,
 * a full check finds nothing, and the index can be made again from the packs alone.
 */
export async function examine(world: World, doing: string, cache: string): Promise<void> {
  const host = world.hosts[0];
  if (host === undefined) return;
  const process = new SimulatedProcess(world, 'examiner', join(world.folder, cache), () => host.now());
  const call = process.call(doing);
  await runAs(process, async () => {
    const repository = await process.repository(call);
    const site = { world, host, process, repository, call };
    const listed = new Set((await repository.points({}, call)).map(({ point }) => point));
    for (const point of world.model.points.values()) {
      const isThere = listed.has(point.point);
      if (point.isAcknowledged && !point.isForgetTried && !isThere)
        world.violate(`restore point ${point.point} is gone`);
      if (point.isForgotten && isThere) world.violate(`restore point ${point.point} was forgotten and is listed`);
      if (!isThere) continue;
      await restoreAndCompare(site, point).catch((failure: unknown) => {
        if (point.isAcknowledged) judgeLoss(world, point, doing, failure);
        else
          world.violate(`restore point ${point.point}, not acknowledged, is there and not whole: ${describe(failure)}`);
      });
    }
    for (const point of listed) {
      if (!world.model.points.has(point)) world.violate(`restore point ${point} is listed and nobody began it`);
    }
    const { damage } = await repository.check('full', call);
    world.figures.checks++;
    for (const { object, kind, detail, concerns } of damage) {
      if (!isHarmless(kind, concerns)) world.violate(`the last check found ${object} ${kind}: ${detail}`);
    }
    if (world.model.copies.size > 0 || world.otherDisk.names('commits/').length > 0) {
      await examineCopies({ ...site, repository: await process.other(call) });
    }
    if (world.dice.chance(0.3)) await rebuildFromNothing(world, repository.rebuildIndex.bind(repository, call));
    await process.close();
  });
  process.kill();
}

/** Copies are as good as what they were made from, those that nobody acknowledged as well. */
async function examineCopies(site: ActionSite): Promise<void> {
  const { world, repository, call } = site;
  const listed = await repository.points({}, call);
  const there = new Set(listed.map(({ point }) => point));
  for (const [point, copied] of world.model.copies) {
    if (!there.has(point)) world.violate(`the copy ${point} is gone`);
    else
      await restoreAndCompare(site, copied).catch((failure: unknown) => judgeLoss(world, copied, 'examining', failure));
  }
  for (const { point } of listed) {
    if (world.model.copies.has(point)) continue;
    const { damage } = await repository.verify(point, call);
    if (damage.length > 0) world.violate(`the copy ${point}, not acknowledged, is there and not whole`);
  }
  const { damage } = await repository.check('full', call);
  for (const { object, kind, detail, concerns } of damage) {
    if (!isHarmless(kind, concerns)) world.violate(`the last check of the copies found ${object} ${kind}: ${detail}`);
  }
}

/** The index is a cache: gone as a whole, it comes back the same. */
async function rebuildFromNothing(world: World, rebuild: () => Promise<unknown>): Promise<void> {
  const { objects } = world.disk;
  await rebuild();
  const before = new Map(world.disk.names('index/').map((name) => [name, objects.get(name)?.body]));
  for (const name of before.keys()) objects.delete(name);
  await rebuild();
  const after = world.disk.names('index/');
  for (const name of after) {
    const old = before.get(name);
    if (old === undefined) world.violate(`${name} is not one of the index runs that were there`);
    else if (Buffer.compare(old, objects.get(name)?.body ?? Buffer.alloc(0)) !== 0)
      world.violate(`${name} came back otherwise`);
    before.delete(name);
  }
  // What lists packs of writers that never committed is not made again: nobody needs it.
  world.note(`the index came back: ${after.length} runs, ${before.size} of nobody left out`);
}
