import type { CommandResult, Progress } from '@holdfast/api';
import type { Desk } from '../../../shell/desk/contract.ts';
import { Asked } from './asked.ts';

/** A run of this installation, whoever started it. */
export interface SeenRun {
  readonly id: string;
  readonly kind: string;
  readonly machine: string;
  readonly who: string;
  readonly startedAt: number | null;
  readonly progress: Progress | null;
}

const mostOften = 1000;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const words = (value: unknown): string => (typeof value === 'string' ? value : '');

function seen(value: unknown): readonly SeenRun[] {
  if (!isFields(value)) return [];
  const { id, kind, machineName, who, startedAt, progress } = value;
  if (typeof id !== 'string') return [];
  const isProgress = isFields(progress) && typeof progress.phase === 'string';
  return [
    {
      id,
      kind: words(kind),
      machine: words(machineName),
      who: words(who),
      startedAt: typeof startedAt === 'number' ? startedAt : null,
      progress: isProgress ? (progress as unknown as Progress) : null,
    },
  ];
}

function runsOf({ data }: CommandResult): readonly SeenRun[] {
  return isFields(data) && Array.isArray(data.runs) ? data.runs.flatMap(seen) : [];
}

/** What runs in this installation right now, asked for when runs change and at most once a second. */
export class OtherRuns {
  readonly #asked: Asked<readonly SeenRun[]>;
  #timer: NodeJS.Timeout | null = null;
  #isWanted = false;

  constructor(desk: Desk, onChange: () => void) {
    this.#asked = new Asked(
      async (signal) => runsOf(await desk.run('run.list', { state: 'running' }, { signal, ask: null })),
      () => desk.now(),
      onChange,
    );
  }

  get all(): readonly SeenRun[] {
    return this.#asked.value ?? [];
  }

  /** Something moved: asks now, or at the end of this second. */
  changed(): void {
    if (this.#timer !== null) {
      this.#isWanted = true;
      return;
    }
    this.#asked.refresh();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#isWanted) return;
      this.#isWanted = false;
      this.changed();
    }, mostOften);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#asked.close();
  }
}
