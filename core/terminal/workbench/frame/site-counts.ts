import type { CommandResult, Plain } from '@holdfast/api';
import type { Desk } from '../../../shell/desk/contract.ts';
import type { Context } from '../../keys/when.ts';
import { Asked } from '../tasks/asked.ts';

const overviewEvery = 60_000;

/** How many there are of what has to be set up first. */
interface SetUp {
  readonly endpoints: number;
  readonly targets: number;
}

const isRecord = (value: Plain): value is { readonly [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

function rowsOf({ view, data }: CommandResult, key: string): number {
  const list = isRecord(data) ? data[key] : null;
  if (Array.isArray(list)) return list.length;
  return view.kind === 'table' ? view.rows.length : 0;
}

/** The number of the overview that nobody should miss: machines whose newest restore point is too old, or after which a run failed. */
function atRiskOf(data: Plain): number | null {
  const machines = isRecord(data) ? (data.machines ?? null) : null;
  // Where nothing is protected there is no objective that could be met.
  if (!isRecord(machines) || machines.total === 0 || machines.protected === 0) return null;
  return typeof machines.atRisk === 'number' ? machines.atRisk : null;
}

/** The few numbers of the installation that the frame itself shows and asks conditions about. */
export class SiteCounts {
  readonly #setUp: Asked<SetUp>;
  readonly #overview: Asked<true>;
  readonly #now: () => number;
  #missed: number | null = null;
  #overviewAt = Number.NEGATIVE_INFINITY;

  constructor(desk: Desk, onChange: () => void) {
    this.#now = () => desk.now();
    this.#setUp = new Asked(
      async (signal) => {
        const how = { signal, ask: null };
        const [endpoints, targets] = await Promise.all([
          desk.run('endpoint.list', {}, how),
          desk.run('target.list', {}, how),
        ]);
        return { endpoints: rowsOf(endpoints, 'endpoints'), targets: rowsOf(targets, 'targets') };
      },
      this.#now,
      onChange,
    );
    this.#overview = new Asked(
      async (signal) => {
        this.sawOverview((await desk.run('overview', {}, { signal, ask: null })).data);
        return true as const;
      },
      this.#now,
      onChange,
    );
  }

  /** Machines that miss their objective or are about to; `null` while that is not known. */
  get missed(): number | null {
    return this.#missed;
  }

  get isKnown(): boolean {
    return this.#setUp.value !== null;
  }

  /** Whether nothing can be protected yet: no endpoint or no target. `false` while that is not known. */
  get isEmpty(): boolean {
    const { value } = this.#setUp;
    return value !== null && (value.endpoints === 0 || value.targets === 0);
  }

  context(): Context {
    const { value } = this.#setUp;
    return { endpoints: value?.endpoints ?? null, targets: value?.targets ?? null, missed: this.#missed };
  }

  /** The overview was asked for anyway. */
  sawOverview(data: Plain): void {
    this.#missed = atRiskOf(data);
    this.#overviewAt = this.#now();
  }

  changed(): void {
    this.#setUp.refresh();
    if (this.#now() - this.#overviewAt < overviewEvery) return;
    this.#overviewAt = this.#now();
    this.#overview.refresh();
  }

  close(): void {
    this.#setUp.close();
    this.#overview.close();
  }
}
