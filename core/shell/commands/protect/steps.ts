import { HoldfastError, type Plain } from '@holdfast/api';
import type { PlannedStep } from '../../../catalog/contract.ts';
import type { PluginHost } from '../../../host/contract.ts';
import { settingValue } from '../../setup/settings.ts';

type Settings = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Properties of a technique's settings that name a target. */
export function targetSettings(schema: Settings): readonly string[] {
  const properties = isRecord(schema.properties) ? Object.entries(schema.properties) : [];
  return properties
    .filter(([, property]) => isRecord(property) && property.format === 'target-name')
    .map(([key]) => key);
}

/** Reads `STEP.KEY=VALUE`. @throws `USAGE` for anything else. */
export function parseSetting(written: string): { readonly step: string; readonly key: string; readonly value: string } {
  const match = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(written);
  if (match === null) {
    throw new HoldfastError('USAGE', `--set ${written} is not written as STEP.KEY=VALUE`, {
      remedy: 'write for example `--set snapshot.quiesce=filesystem`',
    });
  }
  return { step: match[1] ?? '', key: match[2] ?? '', value: match[3] ?? '' };
}

/**
 * The workflow that the words of a command line mean: each step's settings are those given by `--set`, and the target where a step wants one.
 * Whether the steps exist and fit together is for the engine to say.
 */
export function stepsFrom(
  words: {
    readonly steps: readonly string[];
    readonly set: readonly string[];
    readonly quiesce: string | null;
    readonly dedupe?: string | null;
  },
  target: string,
  host: PluginHost,
): readonly PlannedStep[] {
  const given = words.set.map(parseSetting);
  const techniques = host.techniques();
  const stray = given.find(({ step }) => !words.steps.includes(step));
  if (stray !== undefined) {
    throw new HoldfastError(
      'USAGE',
      `--set names the step ${stray.step}, which is not among ${words.steps.join(', ')}`,
    );
  }
  return words.steps.map((use) => {
    const schema = techniques.find(({ contribution }) => contribution.id === use)?.settings ?? {};
    const settings: Record<string, Plain> = {};
    for (const key of targetSettings(schema)) settings[key] = target;
    if (typeof words.dedupe === 'string' && isRecord(schema.properties) && Object.hasOwn(schema.properties, 'dedupe'))
      settings.dedupe = words.dedupe;
    if (use === 'snapshot' && words.quiesce !== null) settings.quiesce = words.quiesce;
    for (const { step, key, value } of given) if (step === use) settings[key] = settingValue(schema, key, value);
    return { use, settings };
  });
}
