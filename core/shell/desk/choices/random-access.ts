import type { Instance } from '../../../config/contract.ts';
import type { PluginHost } from '../../../host/contract.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Why a step cannot write to a target; `null` when it can, or when the step has nothing to do with targets. A step that gives restore points
 * writes to a repository, and that needs a target with random access: chunks are found by their place, old ones go while others stay.
 */
export function unfitTarget(host: PluginHost, use: string, name: string, { use: kind }: Instance): string | null {
  const technique = host.techniques().find(({ contribution }) => contribution.id === use);
  const target = host.targets().find(({ contribution }) => contribution.id === kind);
  if (technique === undefined || target === undefined) return null;
  if (!namesTarget(technique.settings) || !technique.contribution.gives.includes('restore-point')) return null;
  const { title, shape } = target.contribution;
  const instead = 'choose a target with random access';
  if (shape === 'media-library') {
    return `${use} needs random access, and ${name} is a media library (${title}), which has none: ${instead}`;
  }
  return answer(target.answers.randomAccess) === false
    ? `${use} needs random access, and ${name} (${title}) says that it has none: ${instead}`
    : null;
}

/** Whether a step's settings name a target. */
export function namesTarget(schema: Readonly<Record<string, unknown>>): boolean {
  const properties = isRecord(schema.properties) ? Object.values(schema.properties) : [];
  return properties.some((property) => isRecord(property) && property.format === 'target-name');
}

const answer = (given: unknown): unknown => (isRecord(given) && 'value' in given ? given.value : given);
