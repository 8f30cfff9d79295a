import './load-first.ts';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createRepository } from '../../../core/repository/create.ts';
import { ACTIONS, codeOf, describe } from './actions.ts';
import { examine } from './examine.ts';
import { isExplained } from './faults.ts';
import { type Host, optionsOf, passphrase, SILENT_AFTER_MS } from './host.ts';
import type { PlantedBug } from './planted.ts';
import { quiet, runAs } from './virtual-process.ts';
import { type Figures, World } from './world.ts';

/** What became of one seed. */
export interface Outcome {
  readonly seed: number;
  readonly violations: readonly string[];
  /** Hash over all that happened. */
  readonly trace: string;
  readonly last: readonly string[];
  readonly figures: Figures;
}

/** How much one seed does. */
export interface Extent {
  readonly actions: number;
  /** Whether nearly everything fails now and then. */
  readonly isHarsh: boolean;
}

/** Most worlds are short. In each eighth there is time to store, forget, collect twice and store the same again. */
export const usualActions = (seed: number): number => (seed % 8 === 0 ? 30 : 8);

/** More happenings than that and something goes round in circles. */
const MOST_HAPPENINGS = 60_000;
/** Failures that are an answer, not a fault. */
const ANSWERS = ['POINT_NEWEST', 'POINT_NOT_FOUND', 'REPOSITORY_NOT_FOUND', 'KEY_NOT_FOUND'];
const DAY_MS = 86_400_000;

const names = Object.keys(ACTIONS);
const weights = names.map((name) => ACTIONS[name]?.weight ?? 0);
const allWeights = weights.reduce((sum, weight) => sum + weight, 0);

/** Runs one world from its making to its end. The same seed gives the same trace, always. */
export async function simulate(
  seed: number,
  root: string,
  extent: Extent = { actions: usualActions(seed), isHarsh: false },
  planted: PlantedBug | null = null,
): Promise<Outcome> {
  const folder = join(root, `seed-${seed}`);
  const world = new World(seed, folder, planted, extent.isHarsh);
  const run = new Run(world);
  const stray = (failure: unknown): void => world.violate(`a failure that nobody caught: ${describe(failure)}`);
  process.on('unhandledRejection', stray);
  process.on('uncaughtException', stray);
  try {
    await run.all(extent);
  } catch (failure) {
    world.violate(`the simulation stopped: ${describe(failure)}`);
  } finally {
    for (const host of world.hosts) host.process.kill();
    await quiet();
    process.off('unhandledRejection', stray);
    process.off('uncaughtException', stray);
    rmSync(folder, { recursive: true, force: true });
  }
  world.figures.nonces = world.disk.nonces + world.otherDisk.nonces;
  const { violations } = world;
  return { seed, violations, trace: world.trace.digest(), last: world.trace.last(60), figures: world.figures };
}

class Run {
  readonly #world: World;
  #number = 0;
  /** Two rotations at once may each find the other's new keys, and refuse. */
  #rotations = 0;
  /** Actions that have not ended, of processes that live. */
  readonly #underWay = new Map<string, Host['process']>();

  constructor(world: World) {
    this.#world = world;
  }

  async all(extent: Extent): Promise<void> {
    const { dice } = this.#world;
    await this.#make();
    for (let begun = 0; begun < extent.actions; ) {
      if (dice.chance(0.3)) this.#disturb();
      const host = dice.pick(this.#world.hosts);
      if (host.busy < 2 && !host.process.isStopped) {
        this.#begin(host);
        begun++;
      }
      await this.#pass(dice.pick([1, 4, 10, 25, 60, 200]));
      if (dice.chance(0.12)) await this.#letTimePass(dice.pick([0.4, 1.5, 4, 10]) * SILENT_AFTER_MS);
      if (this.#world.violations.length > 0) return;
    }
    await this.#finish();
    if (dice.chance(0.5)) await this.#collectAll();
    if (this.#world.violations.length > 0) return;
    const cache = dice.chance(0.5) ? 'fresh' : 'host1/cache';
    await this.#drive('the examination', examine(this.#world, 'examining', cache));
  }

  async #make(): Promise<void> {
    const [host] = this.#world.hosts;
    if (host === undefined) return;
    this.#world.calm();
    const options = optionsOf(host.cache, () => host.now());
    const { process } = host;
    for (const store of [process.otherStore, process.store]) {
      const { recoveryWords } = await this.#drive(
        'making a repository',
        runAs(process, () => createRepository(store, { passphrase }, options, process.call('create'))),
      );
      this.#world.secrets = [{ passphrase }, { recoveryWords }];
    }
    this.#world.excite();
  }

  #begin(host: Host): void {
    const { dice, figures, model } = this.#world;
    let at = dice.share() * allWeights;
    const chosen = names.findIndex((_, i) => {
      at -= weights[i] ?? 0;
      return at < 0;
    });
    const name = model.certain().length === 0 ? 'backup' : (names[chosen] ?? 'backup');
    figures.actions[name] = (figures.actions[name] ?? 0) + 1;
    this.#do(host, name);
  }

  #do(host: Host, name: string): void {
    const world = this.#world;
    const { process } = host;
    const label = `${name} ${++this.#number}`;
    const stop = new AbortController();
    const call = process.call(label, stop.signal);
    if (world.dice.chance(0.06)) {
      process.after(world.dice.between(1, 600), () => {
        world.count('call cancelled');
        stop.abort();
      });
    }
    host.busy++;
    if (name === 'rotate') this.#rotations++;
    this.#underWay.set(label, process);
    world.note(`${process.host} begins ${label}`);
    const end = (how: string): void => {
      if (process.isDead) return;
      host.busy--;
      this.#underWay.delete(label);
      world.note(`${process.host} ${label}: ${how}`);
    };
    void runAs(process, async () => {
      const repository = await process.repository(call);
      await ACTIONS[name]?.run({ world, host, process, repository, call });
    }).then(
      () => end('done'),
      (failure: unknown) => {
        const code = codeOf(failure);
        const isAnswer = ANSWERS.includes(code) || (code === 'KEY_SECRET_MISSING' && this.#rotations > 1);
        if (!process.isDead && !isExplained(code) && !isAnswer) this.#judge(label, failure);
        end(code);
      },
    );
  }

  #judge(label: string, failure: unknown): void {
    this.#world.violate(`${label} ended in a way that nothing explains: ${describe(failure)}`);
  }

  /** Something befalls a host, or all of them. */
  #disturb(): void {
    const world = this.#world;
    const { dice } = world;
    const busy = world.hosts.filter((host) => host.busy > 0);
    const host = dice.pick(busy.length > 0 && dice.chance(0.8) ? busy : world.hosts);
    switch (dice.below(7)) {
      case 0:
      case 1:
        world.count('host killed');
        this.#kill(host);
        break;
      case 2:
        world.count('power cut');
        for (const other of world.hosts) this.#kill(other);
        break;
      case 3:
        this.#stop(host);
        break;
      case 4:
        world.count('clock jumped');
        host.clockOffsetMs = dice.chance(0.3) ? 0 : Math.round((dice.share() * 2 - 1) * DAY_MS);
        world.note(`the clock of ${host.name} is wrong by ${host.clockOffsetMs} ms`);
        break;
      case 5:
        host.keepCache();
        break;
      default:
        this.#kill(host);
        if (dice.chance(0.3)) {
          world.count('cache lost');
          host.loseCache();
        } else if (host.putBackCache()) world.count('cache of yesterday');
    }
  }

  #kill(host: Host): void {
    for (const [label, process] of this.#underWay) if (process === host.process) this.#underWay.delete(label);
    this.#world.note(`${host.name} is killed`);
    host.kill();
  }

  #stop(host: Host): void {
    const { dice, scheduler } = this.#world;
    const { process } = host;
    if (process.isStopped) return;
    const isLong = dice.chance(0.6);
    this.#world.count(isLong ? 'host stopped past its lease' : 'host stopped');
    const ms = isLong ? dice.between(2, 8) * SILENT_AFTER_MS : dice.between(100, 5_000);
    this.#world.note(`${host.name} is stopped for ${ms} ms`);
    process.isStopped = true;
    scheduler.after(ms, null, () => this.#continue(process));
  }

  #continue(process: Host['process']): void {
    if (process.isDead || !process.isStopped) return;
    process.isStopped = false;
    this.#world.note(`${process.host} goes on`);
    this.#world.scheduler.release(process);
  }

  async #pass(happenings: number): Promise<void> {
    await quiet();
    for (let i = 0; i < happenings; i++) if (!(await this.#world.scheduler.step())) return;
  }

  async #letTimePass(ms: number): Promise<void> {
    const { scheduler } = this.#world;
    const until = scheduler.nowMs + ms;
    while (await scheduler.step(until));
    scheduler.advance(until - scheduler.nowMs);
  }

  /** No faults any more: whoever is under way comes to an end. */
  async #finish(): Promise<void> {
    const world = this.#world;
    world.calm();
    for (const { process } of world.hosts) this.#continue(process);
    await quiet();
    for (let i = 0; this.#underWay.size > 0; i++) {
      if (!(await world.scheduler.step()) || i > MOST_HAPPENINGS) {
        const labels = [...this.#underWay].map(([label, { host }]) => `${label} of ${host}`);
        world.violate(`never ended: ${labels.join(', ')}`);
        return;
      }
    }
  }

  /** Everything that is dead goes: this often, for what was condemned goes only after a while. */
  async #collectAll(): Promise<void> {
    const [host] = this.#world.hosts;
    if (host === undefined) return;
    for (let i = 0; i < 2; i++) {
      await this.#letTimePass(2 * SILENT_AFTER_MS);
      this.#do(host, 'collect');
      await this.#finish();
    }
  }

  /** Lets things happen until something has come to its end. */
  async #drive<T>(what: string, work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    over.catch(() => {});
    await quiet();
    for (let i = 0; !isOver; i++) {
      if (!(await this.#world.scheduler.step()) || i > MOST_HAPPENINGS) throw new Error(`${what} never ended`);
    }
    return await over;
  }
}
