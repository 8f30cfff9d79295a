import { HoldfastError } from '@holdfast/api';
import type { PackReport, PackWish, UnitReport } from '../lanes/protocol.ts';
import type { ThreadHandlers } from '../lanes/thread-pool.ts';
import type { Team } from './team.ts';

/** The writers at work in this process: what threads say of their work gets to the right one. */
export class Writers {
  readonly #teams = new Map<number, Team>();
  #last = 0;

  /** A number that no other writer has had. */
  next(): number {
    return ++this.#last;
  }

  add(team: Team): void {
    this.#teams.set(team.number, team);
  }

  remove(team: Team): void {
    this.#teams.delete(team.number);
  }

  /** What threads may ask for and say. */
  handlers(): ThreadHandlers {
    return {
      memory: ({ writer, plainBytes }: PackWish, thread) => {
        const team = this.#teams.get(writer);
        if (team === undefined) throw new HoldfastError('CANCELLED', 'the writer has ended');
        return team.grant(thread, plainBytes);
      },
      pack: (report: PackReport, thread) => this.#teams.get(report.writer)?.ship(thread, report),
      units: (report: UnitReport) => this.#teams.get(report.writer)?.events?.units(report),
    };
  }
}
