import { HoldfastError } from '@holdfast/api';
import type { PlainValue } from '../../../../config/located.ts';
import type { PluginHost } from '../../../../host/contract.ts';
import { settingValue } from '../../../setup/settings.ts';
import { parseSetting, targetSettings } from '../../protect/steps.ts';
import { isRaw, type Raw, rawOf } from './raw-policy.ts';

/** A step as a file has it, taken apart. */
export interface RawStep {
  readonly use: string;
  readonly settings: Raw;
}

/** What is said of steps on a command line; `null` and what is not among `set` leave things as they are. */
export interface StepWords {
  readonly steps: readonly string[] | null;
  readonly to: string | null;
  readonly quiesce: string | null;
  readonly set: readonly string[];
}

type Schema = Readonly<Record<string, unknown>>;

const usual = ['snapshot', 'proxy'];

export const schemaOf =
  (host: PluginHost) =>
  (use: string): Schema =>
    host.techniques().find(({ contribution }) => contribution.id === use)?.settings ?? {};

export function readSteps(value: unknown): readonly RawStep[] {
  if (!Array.isArray(value)) return [];
  return value.map((step: PlainValue) => {
    if (!isRaw(step)) return { use: String(step), settings: {} };
    const [use = '', settings] = Object.entries(step)[0] ?? [];
    return { use, settings: rawOf(settings) };
  });
}

export const writeSteps = (steps: readonly RawStep[]): PlainValue[] =>
  steps.map(({ use, settings }) => (Object.keys(settings).length === 0 ? use : { [use]: { ...settings } }));

/** The setting that names the target of a whole workflow: that of the first step which has one. */
export function firstTarget(
  steps: readonly RawStep[],
  schema: (use: string) => Schema,
): { readonly index: number; readonly key: string; readonly target: string | null } | null {
  for (const [index, { use, settings }] of steps.entries()) {
    const [key] = targetSettings(schema(use));
    if (key === undefined) continue;
    const target = settings[key];
    return { index, key, target: typeof target === 'string' ? target : null };
  }
  return null;
}

/**
 * The steps with what was said of them: those that stay keep their settings, and only settings that are named change. A setting without a value is
 * taken away.
 * @throws `USAGE` for a setting of a step that is not there.
 */
export function changeSteps(
  old: readonly RawStep[],
  words: StepWords,
  schema: (use: string) => Schema,
): readonly RawStep[] {
  const uses = words.steps ?? (old.length === 0 ? usual : old.map(({ use }) => use));
  const set = words.set.map(parseSetting);
  const stray = set.find(({ step }) => !uses.includes(step));
  if (stray !== undefined) {
    throw new HoldfastError('USAGE', `--set names the step ${stray.step}, which is not among ${uses.join(', ')}`);
  }
  const left = [...old];
  const kept = uses.map((use): RawStep => {
    const at = left.findIndex((step) => step.use === use);
    return at < 0 ? { use, settings: {} } : (left.splice(at, 1)[0] ?? { use, settings: {} });
  });
  const before = firstTarget(old, schema)?.target ?? null;
  const target = words.to ?? before;
  const first = firstTarget(kept, schema);
  return kept.map(({ use, settings }, index) => {
    const own: Record<string, PlainValue> = { ...settings };
    for (const key of targetSettings(schema(use))) {
      // Only the first step that stores something goes where the whole goes; later ones may go elsewhere and stay there.
      const isFirst = index === first?.index && key === first.key;
      if (target !== null && (isFirst || own[key] === undefined || own[key] === before)) own[key] = target;
    }
    if (use === 'snapshot' && words.quiesce !== null) own.quiesce = words.quiesce;
    for (const { step, key, value } of set) {
      if (step !== use) continue;
      if (value === '') delete own[key];
      else own[key] = settingValue(schema(use), key, value) as PlainValue;
    }
    return { use, settings: own };
  });
}

const isSimple = (value: PlainValue): boolean =>
  ['string', 'number', 'boolean'].includes(typeof value) || (Array.isArray(value) && value.every(isSimple));

/** The same the other way round: steps, target and settings as they are said on a command line. Settings that are maps cannot be said. */
export function stepWords(
  steps: readonly RawStep[],
  schema: (use: string) => Schema,
): { readonly steps: readonly string[]; readonly to: string; readonly set: readonly string[] } {
  const to = firstTarget(steps, schema)?.target ?? '';
  const set = steps.flatMap(({ use, settings }) => {
    const targets = targetSettings(schema(use));
    return Object.entries(settings).flatMap(([key, value]) =>
      !isSimple(value) || (targets.includes(key) && value === to) ? [] : [`${use}.${key}=${String(value)}`],
    );
  });
  return { steps: steps.map(({ use }) => use), to, set: [...new Set(set)] };
}
