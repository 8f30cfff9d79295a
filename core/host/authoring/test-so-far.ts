import type { CheckResult, Report } from '@holdfast/api/testing';
import type { ContributionReport, PluginTestReport, TestEvent, TestPlace } from './test-plugin.ts';

interface Current {
  readonly kind: ContributionReport['kind'];
  readonly id: string;
  readonly results: Record<TestPlace, CheckResult[]>;
}

const reportOf = (results: readonly CheckResult[]): Report => ({ ok: results.every(({ ok }) => ok), results });

/** What is known of a test that has not ended. */
export class TestSoFar {
  readonly plugin: string;
  readonly #contributions: ContributionReport[] = [];
  readonly #own: CheckResult[] = [];
  #current: Current | null = null;
  #place: TestPlace | 'own' = 'own';
  #check: string | null = null;

  constructor(plugin: string) {
    this.plugin = plugin;
  }

  /** What it is at, for people. */
  get doing(): string {
    const of = this.#current === null ? '' : ` of ${this.#current.kind} ${this.#current.id}`;
    return this.#check === null ? `opening or closing${of}` : `the check "${this.#check}"${of}`;
  }

  add(event: TestEvent): void {
    if (event.at === 'check') this.#check = event.name;
    else this.#check = null;
    if (event.at === 'checked') this.#results().push(event.result);
    else if (event.at === 'place') {
      this.#place = event.place;
      this.#current ??= { ...event, results: { inProcess: [], acrossWorker: [], afterCrash: [] } };
    } else if (event.at === 'contribution') {
      this.#contributions.push(event.report);
      this.#current = null;
      this.#place = 'own';
    } else if (event.at === 'own') this.#place = 'own';
  }

  /** The report of a test that was ended: what it was at has failed. */
  failed(failure: string): PluginTestReport {
    this.#results().push({ name: this.#check ?? this.#unnamed(), ok: false, seen: null, failure });
    const current = this.#current;
    const contributions =
      current === null
        ? this.#contributions
        : [
            ...this.#contributions,
            {
              kind: current.kind,
              id: current.id,
              inProcess: reportOf(current.results.inProcess),
              acrossWorker: reportOf(current.results.acrossWorker),
              afterCrash: reportOf(current.results.afterCrash),
              differences: [],
            },
          ];
    return { plugin: this.plugin, ok: false, problems: [], contributions, own: reportOf(this.#own) };
  }

  #results(): CheckResult[] {
    return this.#current === null || this.#place === 'own' ? this.#own : this.#current.results[this.#place];
  }

  #unnamed(): string {
    return this.#current === null ? 'conformance.ts can be loaded' : 'the contribution can be opened and closed';
  }
}
