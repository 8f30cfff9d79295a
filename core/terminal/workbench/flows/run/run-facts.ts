import type { LogView, Progress, Tone } from '@holdfast/api';
import { formatBytes, formatNumbered } from '../../../../shell/format/numbers.ts';
import { formatDuration } from '../../../../shell/format/times.ts';
import { shortId } from '../../../../shell/lookup/names.ts';
import { type Fields, fieldsOf, figureOf, itemsOf, sumOf, wordOf, wordsOf } from '../reading.ts';

/** A step of a run and how far it is. */
export interface StepFacts {
  readonly use: string;
  readonly state: string;
  readonly tone: Tone;
  readonly tookMs: number | null;
}

/** What `run show` answers, as a page tells it. */
export interface RunFacts {
  readonly id: string;
  readonly kind: string;
  readonly machine: string;
  readonly state: string;
  readonly tone: Tone;
  readonly isOver: boolean;
  readonly isStopping: boolean;
  readonly tookMs: number | null;
  readonly progress: Progress | null;
  readonly steps: readonly StepFacts[];
  readonly reasons: readonly { readonly decision: string; readonly because: string }[];
  readonly log: LogView['lines'];
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string | null } | null;
  /** What was taken back when it ended. */
  readonly cleaned: readonly string[];
  /** Restore point that it made, if it made one. */
  readonly point: string | null;
  /** What was moved, in a line; empty while that is not known. */
  readonly figures: string;
}

const runTones: Readonly<Record<string, Tone>> = {
  waiting: 'quiet',
  running: 'active',
  done: 'good',
  partial: 'risk',
  failed: 'bad',
  cancelled: 'quiet',
};
const stepTones: Readonly<Record<string, Tone>> = { ...runTones, skipped: 'quiet' };
const levels = ['debug', 'info', 'warn', 'error'] as const;
const bottlenecks = ['source', 'network', 'proxy', 'target', 'media'] as const;

const toneOf = (tones: Readonly<Record<string, Tone>>, state: string): Tone =>
  Object.hasOwn(tones, state) ? (tones[state] ?? 'quiet') : 'quiet';

function progressOf(value: unknown): Progress | null {
  const given = fieldsOf(value);
  if (typeof given.phase !== 'string') return null;
  const figures = ['doneBytes', 'totalBytes', 'bytesPerSecond', 'etaMs'] as const;
  const known = figures.flatMap((key) => {
    const figure = figureOf(given[key]);
    return figure === null ? [] : [[key, figure] as const];
  });
  const bottleneck = bottlenecks.find((one) => one === given.bottleneck);
  return { phase: given.phase, ...Object.fromEntries(known), ...(bottleneck === undefined ? {} : { bottleneck }) };
}

function stepsOf(run: Fields, steps: unknown, now: number): readonly StepFacts[] {
  const records = itemsOf(steps).map(fieldsOf);
  return itemsOf(run.steps).map((planned, index) => {
    const record = records.find((one) => one.index === index) ?? {};
    const state = wordOf(record.state) || 'waiting';
    const began = figureOf(record.startedAt);
    return {
      use: wordOf(fieldsOf(planned).use),
      state,
      tone: toneOf(stepTones, state),
      tookMs: began === null ? null : (figureOf(record.endedAt) ?? now) - began,
    };
  });
}

function figuresOf(kind: string, result: Fields): string {
  const disks = Object.values(fieldsOf(result.disks));
  if (disks.length === 0) return '';
  const sum = (key: string): string => formatBytes(sumOf(disks, key));
  const expired = itemsOf(result.expired).length;
  const parts =
    kind === 'protect'
      ? [
          `read ${sum('readBytes')}`,
          `new ${sum('newBytes')}`,
          `there already ${sum('duplicateBytes')}`,
          `stored ${sum('storedBytes')}`,
        ]
      : [`read ${sum('readBytes')}`];
  if (expired > 0) parts.push(`${formatNumbered(expired, 'older restore point')} expired`);
  return parts.join(' · ');
}

/** Reads the answer of `run show`. What is missing or of another kind than expected is left out. */
export function runFacts(data: unknown, now: number): RunFacts {
  const answer = fieldsOf(data);
  const run = fieldsOf(answer.run);
  const state = wordOf(run.state);
  const kind = wordOf(run.kind);
  const result = fieldsOf(run.result);
  const began = figureOf(run.startedAt);
  const ended = figureOf(run.endedAt);
  const error = fieldsOf(run.error);
  return {
    id: wordOf(run.id),
    kind,
    machine: [wordOf(run.endpoint), wordOf(run.machineName)].filter((word) => word !== '').join('/'),
    state,
    tone: toneOf(runTones, state),
    isOver: ended !== null || ['done', 'partial', 'failed', 'cancelled'].includes(state),
    isStopping: typeof run.cancelAskedBy === 'string',
    tookMs: began === null ? null : (ended ?? now) - began,
    progress: progressOf(run.progress),
    steps: stepsOf(run, answer.steps, now),
    reasons: itemsOf(answer.reasons)
      .map(fieldsOf)
      .map(({ decision, because }) => ({ decision: wordOf(decision), because: wordOf(because) })),
    log: itemsOf(answer.log)
      .map(fieldsOf)
      .map(({ at, level, text }) => ({
        at: figureOf(at) ?? 0,
        level: levels.find((one) => one === level) ?? 'info',
        text: wordOf(text),
      })),
    error:
      typeof error.message === 'string'
        ? {
            code: wordOf(error.code),
            message: error.message,
            remedy: typeof error.remedy === 'string' ? error.remedy : null,
          }
        : null,
    cleaned: wordsOf(result.cleaned),
    point: wordOf(fieldsOf(result.point).point) || null,
    figures: figuresOf(kind, result),
  };
}

/** One line on what runs and how: `protect · lab/erp-db · running for 38 s`. */
export function runLine(facts: RunFacts): string {
  const took = facts.tookMs === null ? '' : ` ${facts.isOver ? 'after' : 'for'} ${formatDuration(facts.tookMs)}`;
  const stopping = facts.isStopping && !facts.isOver ? ', stopping safely' : '';
  return `${shortId(facts.id)} · ${facts.kind} · ${facts.machine} · ${facts.state}${took}${stopping}`;
}
