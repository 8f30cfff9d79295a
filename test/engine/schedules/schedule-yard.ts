import type { Engine } from '../../../core/engine/contract.ts';
import { ManualClock } from '../../base/manual-clock.ts';
import { Yard, type YardOptions } from '../yard.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
export const utc = (text: string): number => Date.parse(`${text}Z`);

/** A yard whose clock is held in the hand, with policies in force. */
export class ScheduleYard implements AsyncDisposable {
  readonly yard: Yard;
  readonly clock: ManualClock;
  /** How far the clock was set wrong by somebody. */
  #offMs = 0;

  private constructor(yard: Yard, clock: ManualClock) {
    this.yard = yard;
    this.clock = clock;
  }

  /** @param from When the clock begins, `2026-03-02T00:00`, UTC. */
  static async open(from: string, options: YardOptions = {}): Promise<ScheduleYard> {
    const clock = new ManualClock(utc(from));
    let made: ScheduleYard | null = null;
    const now = (): number => clock.now() + (made === null ? 0 : made.#offMs);
    const yard = await Yard.open({ ...options, now });
    made = new ScheduleYard(yard, clock);
    return made;
  }

  get engine(): Engine {
    return this.yard.engine;
  }

  readonly now = (): number => this.clock.now() + this.#offMs;

  /** Lets time pass until a moment, `03-02T01:00` of 2026. */
  until(moment: string): void {
    this.clock.advance(utc(`2026-${moment}`) - this.now());
  }

  /** Sets the clock wrong, or right again. */
  setBack(ms: number): void {
    this.#offMs -= ms;
  }

  /** Puts policies in force, as `holdfast apply` does. */
  async apply(text: string): Promise<void> {
    const { policies } = this.yard.catalog;
    const against = (await policies.applied())?.id ?? null;
    await policies.apply(against, { text, source: '/policies.yaml', who: 'tester', at: this.now() });
  }

  /** Another process of the same installation. */
  other(holder: string): Engine {
    return this.yard.openEngine({ holder, now: this.now });
  }

  tick(engine: Engine = this.engine) {
    return engine.schedules.tick(this.yard.call());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.yard[Symbol.asyncDispose]();
  }
}

/** Policies of one policy `gold` with one workflow `backup`. */
export const gold = (schedule: string, more = '', names = 'web*'): string => `zone: UTC
policies:
  gold:
    protect: { names: '${names}' }
${more}    workflows:
      backup:
        ${schedule === '' ? '' : `${schedule}\n        `}steps: [ { snapshot: { quiesce: none } }, { proxy: { to: main } } ]
`;

/** The same for no machine at all, to see only what begins when. */
export const empty = (schedule: string, more = ''): string => gold(schedule, more, 'nobody');
