import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Machine, makeCall, type Notice } from '@holdfast/api';
import type { FreshRun } from '../../../core/catalog/contract.ts';
import type { Config } from '../../../core/config/contract.ts';
import type { AlarmEngine } from '../../../core/engine/alarms/contract.ts';
import { machine, point, runToAdd } from '../../catalog/samples.ts';
import { dayMs, hourMs, minuteMs, ScheduleYard } from '../schedules/schedule-yard.ts';

export { dayMs, hourMs, minuteMs };

/** A notice as a program of the test got it. */
export type Told = Notice & { readonly format: number; readonly by: string };

export const gold = (more = ''): string => `zone: UTC
policies:
  gold:
    protect: { endpoint: fleet }
    objective: { rpo: 4h }
    workflows:
      backup: { schedule: "0 * * * *", steps: [ snapshot, { proxy: { to: main } } ] }
${more}`;

/** An installation whose clock is held in the hand, and which tells what is wrong to programs of the test. */
export class AlarmYard implements AsyncDisposable {
  readonly schedules: ScheduleYard;
  #count = 0;

  private constructor(schedules: ScheduleYard) {
    this.schedules = schedules;
  }

  static async open(notifiers: Readonly<Record<string, object>> = { ops: {} }, holder?: string): Promise<AlarmYard> {
    const config: { notifiers: Record<string, { use: string }> } & Partial<Config> = { notifiers: {} };
    const schedules = await ScheduleYard.open('2026-03-02T00:00', {
      config,
      ...(holder === undefined ? {} : { holder }),
    });
    for (const [name, more] of Object.entries(notifiers))
      config.notifiers[name] = {
        use: 'command',
        program: '/bin/sh',
        arguments: [scriptOf(schedules, name)],
        ...more,
      } as {
        use: string;
      };
    return new AlarmYard(schedules);
  }

  get catalog() {
    return this.schedules.yard.catalog;
  }

  get alarms(): AlarmEngine {
    return this.schedules.engine.alarms;
  }

  get now(): number {
    return this.schedules.now();
  }

  /** How a program behaves from now on: a line of shell. */
  behave(name: string, line: string): void {
    writeFileSync(join(this.schedules.yard.folder, `${name}.behaviour`), line);
  }

  /** What has arrived at a program, oldest first. */
  told(name = 'ops'): readonly Told[] {
    const file = join(this.schedules.yard.folder, `${name}.told`);
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Told);
  }

  readonly call = makeCall({ who: 'test' });

  /** Time passes; then somebody looks and tells. */
  async later(ms: number): Promise<void> {
    this.schedules.clock.advance(ms);
    await this.lookAndTell();
  }

  async lookAndTell(): Promise<number> {
    await this.alarms.look(this.call);
    return this.alarms.deliver(this.call);
  }

  async see(...names: readonly string[]): Promise<void> {
    const machines = names.map((name): Machine => ({ ...machine(`id-${name}`, name) }));
    await this.catalog.seenMachines('fleet', machines);
  }

  /** A restore point that is taken now. */
  async protect(name: string): Promise<void> {
    this.#count += 1;
    const id = `point-${this.#count}`;
    const about = { endpoint: 'fleet', machine: `id-${name}`, machineName: name };
    await this.catalog.savePoints([point(id, { ...about, target: 'main', takenAt: this.now, committedAt: this.now })]);
  }

  /** A run that failed just now, or ended otherwise. Answers its identity. */
  async fail(
    name: string,
    state: 'done' | 'partial' | 'failed' | 'cancelled' = 'failed',
    more: Partial<FreshRun> = {},
  ): Promise<string> {
    this.#count += 1;
    const id = `run-${this.#count}`;
    const about = { endpoint: 'fleet', machine: `id-${name}`, machineName: name, createdAt: this.now, ...more };
    await this.catalog.jobs.add(runToAdd(id, about));
    const claimed = await this.catalog.jobs.claim('test', 60_000, id);
    if (claimed === null) throw new Error('nobody can have it');
    const error = { code: 'TARGET_FULL', message: 'no room left in /srv\u001b[2J', remedy: 'free space' };
    await this.catalog.jobs.finish(claimed.lease, state, state === 'done' ? null : error, null);
    return id;
  }

  /** Says that the schedule was looked at until now, and ran what was due. */
  async ran(policy = 'gold', workflow = 'backup', more: object = {}): Promise<void> {
    const { leases, policies } = this.catalog;
    const lease = await leases.take('scheduler', 'test', 60_000);
    if (lease === null) throw new Error('somebody leads');
    const rows = await policies.schedules();
    const before = rows.find((row) => row.policy === policy && row.workflow === workflow)?.handledUntil ?? null;
    const at = this.now;
    const row = { policy, workflow, handledUntil: at, lastDue: at, lastFiredAt: at, lastWasCatchUp: false, missed: 0 };
    await policies.fire(lease, before, { ...row, ...more }, []);
    await leases.release(lease);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.schedules[Symbol.asyncDispose]();
  }
}

/** Keeps what it hears, unless it is told to behave otherwise. */
function scriptOf({ yard: { folder } }: ScheduleYard, name: string): string {
  const script = join(folder, `${name}.sh`);
  writeFileSync(
    script,
    `[ -f "${folder}/${name}.behaviour" ] && . "${folder}/${name}.behaviour"\ncat >> "${folder}/${name}.told"\n`,
  );
  return script;
}
