import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Call,
  type DedupeMode,
  type FileSource,
  isHoldfastError,
  type Machine,
  type MoveOptions,
} from '@holdfast/api';
import type { Repository } from '../../../core/repository/contract.ts';
import { isExplained } from './faults.ts';
import type { Host, SimulatedProcess } from './host.ts';
import type { ModelMachine, ModelPoint } from './model.ts';
import { changedExtents, makeDisk, scribble } from './sample-machines.ts';
import type { World } from './world.ts';

/** What an action works with. */
export interface ActionSite {
  readonly world: World;
  readonly host: Host;
  readonly process: SimulatedProcess;
  readonly repository: Repository;
  readonly call: Call;
}

const ENDPOINT = 'lab';

const newPath = ({ world, host }: Pick<ActionSite, 'world' | 'host'>): string => join(host.folder, world.newFile());

export const codeOf = (failure: unknown): string => (isHoldfastError(failure) ? failure.code : String(failure));

export function describe(failure: unknown): string {
  return isHoldfastError(failure)
    ? `${failure.code}: ${failure.message}`
    : String((failure as Error)?.stack ?? failure);
}

function machineOf(machine: ModelMachine): Machine {
  return {
    id: machine.id,
    name: machine.id,
    power: 'off',
    place: 'lab',
    tags: [],
    disks: [...machine.disks].map(([key, bytes]) => {
      return { key, sizeBytes: bytes.length, format: 'raw', kind: 'virtual', location: `/${key}.raw` };
    }),
    config: { mediaType: 'text/plain', text: 'none' },
  };
}

/** The machine goes on with its work between two backups, or goes back to a state that it had, whose chunks may be dead by now. */
function change(world: World, machine: ModelMachine): void {
  const { dice, model } = world;
  const before = [...model.points.values()].filter((point) => point.machine === machine.id);
  const forgotten = before.filter((point) => point.isForgetTried);
  for (const [key, disk] of machine.disks) {
    const states = forgotten.length > 0 ? forgotten : before;
    if (states.length > 0 && dice.chance(0.25))
      machine.disks.set(key, Buffer.from(dice.pick(states).disks.get(key) ?? disk));
    else if (dice.chance(0.03)) machine.disks.set(key, makeDisk(dice));
    else for (let i = dice.below(4); i > 0; i--) scribble(disk, dice);
  }
}

function moveOptions(world: World, base: ModelPoint | null, key: string, disk: Buffer): MoveOptions {
  const before = base?.disks.get(key);
  if (base === null || before === undefined) return {};
  const extents =
    before.length === disk.length ? changedExtents(before, disk, world.dice) : [{ offset: 0, length: disk.length }];
  return { base: base.point, extents };
}

/** Backs a machine up: in full, or what changed since a restore point that is known. */
export async function backup({ world, host, repository, call }: ActionSite): Promise<void> {
  const { model, dice } = world;
  const machine = dice.pick(model.machines);
  change(world, machine);
  const disks = new Map([...machine.disks].map(([key, bytes]) => [key, Buffer.from(bytes)]));
  const known = model.certain(machine.id);
  const base = known.length > 0 && dice.chance(0.6) ? dice.pick(known.slice(-3)) : null;
  const described = machineOf(machine);
  const takenAt = host.now();
  const dedupe = dice.pick<DedupeMode>(['immediate', 'immediate', 'immediate', 'deferred', 'off']);
  const writer = await repository.begin({ endpoint: ENDPOINT, id: machine.id, dedupe }, call);
  const point = model.begin(writer.id, machine.id, disks);
  try {
    for (const [key, bytes] of disks) {
      const path = newPath({ world, host });
      writeFileSync(path, bytes);
      const source: FileSource = { kind: 'file', path, format: 'raw', chain: [], sizeBytes: bytes.length };
      await writer.write(key, source, moveOptions(world, base, key, bytes), call);
      rmSync(path);
    }
    await writer.commit(
      {
        machine: described,
        endpoint: ENDPOINT,
        takenAt,
        consistency: 'crash',
        frozenMs: 0,
        run: 'simulation',
        disks: described.disks.map(({ key, sizeBytes }) => ({
          key,
          sizeBytes,
          format: 'raw',
          changeToken: `at ${takenAt}`,
        })),
      },
      call,
    );
    point.isAcknowledged = true;
    world.figures.acknowledged++;
    world.note(`${host.name} has the restore point ${writer.id}`);
  } finally {
    await writer.abandon(call);
  }
}

/** Restores each disk of a restore point and compares it. Throws what the repository threw. */
export async function restoreAndCompare(site: ActionSite, point: ModelPoint): Promise<void> {
  const { world, repository, call, host } = site;
  for (const [key, bytes] of point.disks) {
    if (world.dice.chance(0.3)) {
      await readAndCompare(site, point, key, bytes);
      continue;
    }
    const path = newPath(site);
    writeFileSync(path, '');
    truncateSync(path, bytes.length);
    try {
      await repository.restore(point.point, key, { kind: 'file', path, format: 'raw', sizeBytes: bytes.length }, call);
      compare(world, point, key, readFileSync(path), bytes);
    } finally {
      rmSync(path, { force: true });
    }
  }
  world.note(`${host.name} restored ${point.point}`);
}

async function readAndCompare(
  { world, repository, call }: ActionSite,
  point: ModelPoint,
  key: string,
  bytes: Buffer,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of repository.read(point.point, key, null, call)) parts.push(Buffer.from(part));
  compare(world, point, key, Buffer.concat(parts), bytes);
}

function compare(world: World, point: ModelPoint, key: string, found: Buffer, wanted: Buffer): void {
  world.figures.compared++;
  if (found.equals(wanted)) return;
  const at = wanted.findIndex((byte, i) => found[i] !== byte);
  world.violate(`disk ${key} of restore point ${point.point} came back wrong, from ${at}, without an error`);
}

/** What a failure to read a restore point means that nobody forgot. */
export function judgeLoss(world: World, point: ModelPoint, doing: string, failure: unknown): void {
  const code = codeOf(failure);
  if (point.isForgetTried || isExplained(code)) return;
  world.violate(`restore point ${point.point} was lost: ${doing} it ended with ${describe(failure)}`);
}

async function restore(site: ActionSite): Promise<void> {
  const points = site.world.model.certain();
  if (points.length === 0) return;
  const point = site.world.dice.pick(points);
  try {
    await restoreAndCompare(site, point);
  } catch (failure) {
    judgeLoss(site.world, point, 'restoring', failure);
    throw failure;
  }
}

async function list({ world, repository, call }: ActionSite): Promise<void> {
  const before = world.model.certain();
  const listed = new Set((await repository.points({}, call)).map(({ point }) => point));
  for (const point of before) {
    if (!listed.has(point.point) && !point.isForgetTried) world.violate(`restore point ${point.point} is not listed`);
  }
}

async function forget({ world, repository, call }: ActionSite): Promise<void> {
  const points = world.model.certain();
  if (points.length < 2) return;
  const point = world.dice.pick(points.slice(0, -1));
  point.isForgetTried = true;
  try {
    await repository.forget([point.point], 'the simulation says so', call);
    point.isForgotten = true;
  } catch (failure) {
    // Refused before anything was done.
    if (isHoldfastError(failure, 'POINT_NEWEST')) point.isForgetTried = false;
    throw failure;
  }
}

async function check({ world, repository, call }: ActionSite): Promise<void> {
  const before = new Set(world.model.certain().map(({ point }) => point));
  const { damage } = await repository.check(world.dice.chance(0.5) ? 'fast' : 'full', call);
  world.figures.checks++;
  for (const { object, kind, detail, concerns } of damage) {
    const hurt = concerns.find(
      ({ point }) => before.has(point) && world.model.points.get(point)?.isForgetTried === false,
    );
    if (hurt !== undefined) world.violate(`a check found ${object} ${kind} (${detail}), which ${hurt.point} needs`);
  }
}

async function collect({ world, repository, call }: ActionSite): Promise<void> {
  const { dice } = world;
  const report = await repository.collect(
    { waitMs: dice.pick([0, 0, 30_000]), repackBelow: dice.pick([0, 0.5, 0.9]), dryRun: dice.chance(0.05) },
    call,
  );
  world.note(
    `collected: ${report.sweptPacks} swept, ${report.condemnedPacks} condemned, ${report.repackedPacks} repacked`,
  );
}

/** Deduplicates what landed in haste, all of it or what there is time for. */
async function deduplicate({ world, repository, call }: ActionSite): Promise<void> {
  let left = world.dice.pick([1, 3, 1_000]);
  const report = await repository.deduplicate({ dryRun: world.dice.chance(0.05), isOver: () => left-- <= 0 }, call);
  world.note(`deduplicated: ${report.condemnedPacks} condemned, ${report.moved} chunks moved`);
}

async function rotate({ world, repository, call }: ActionSite): Promise<void> {
  await repository.rotateKeys(world.secrets, call);
}

async function rebuild({ repository, call }: ActionSite): Promise<void> {
  await repository.rebuildIndex(call);
}

async function copy({ world, process, repository, call }: ActionSite): Promise<void> {
  const points = world.model.certain();
  if (points.length === 0) return;
  const point = world.dice.pick(points);
  const other = await process.other(call);
  try {
    const { point: made } = await other.copyFrom(repository, point.point, {}, call);
    world.model.copies.set(made, { ...point, point: made, isForgetTried: false, isForgotten: false });
    world.note(`${process.host} copied ${point.point} as ${made}`);
  } catch (failure) {
    judgeLoss(world, point, 'copying', failure);
    throw failure;
  }
}

async function repair({ world, repository, call }: ActionSite): Promise<void> {
  const plan = await repository.planRepair(world.dice.chance(0.5) ? 'fast' : 'full', call);
  await repository.repair(plan, call);
}

/** An action, and how often it is chosen. */
interface Action {
  readonly weight: number;
  readonly run: (site: ActionSite) => Promise<void>;
}

/** Actions by name. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  backup: { weight: 10, run: backup },
  restore: { weight: 3, run: restore },
  forget: { weight: 3, run: forget },
  collect: { weight: 5, run: collect },
  deduplicate: { weight: 1.5, run: deduplicate },
  rotate: { weight: 0.3, run: rotate },
  list: { weight: 1, run: list },
  check: { weight: 0.7, run: check },
  copy: { weight: 1.5, run: copy },
  rebuild: { weight: 0.5, run: rebuild },
  repair: { weight: 0.3, run: repair },
};
