import { createRequire } from 'node:module';
import type { Plain, TechniqueContribution } from '@holdfast/api';
import { checkShape, HoldfastError, isSimpleSchema } from '@holdfast/api';
import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js';
import type { Config } from '../../config/contract.ts';
import type { Contributed } from '../../host/contract.ts';
import { withDefaults } from '../../host/settings/complete.ts';
import { nearest } from './nearest.ts';

/** Answers a step's settings with their defaults filled in, or throws `WORKFLOW_INVALID` naming `place` and setting. */
export type CheckSettings = (technique: Contributed<TechniqueContribution>, settings: Plain, place: string) => Plain;

/**
 * Checks settings of steps against the schemas of their techniques. A property of `"format": "target-name"` or
 * `"endpoint-name"` must name one that is configured.
 */
export function settingsChecker(config: Config): CheckSettings {
  let ajv: Ajv2020 | null = null;
  const compiled = new Map<string, ValidateFunction>();
  const fullCheck = ({ contribution, settings: schema }: Contributed<TechniqueContribution>): ValidateFunction => {
    ajv ??= openAjv();
    const validate = compiled.get(contribution.id) ?? ajv.compile(schema);
    compiled.set(contribution.id, validate);
    return validate;
  };
  return (technique, settings, place) => {
    let checked: Plain = structuredClone(settings ?? {});
    const quick = isSimpleSchema(technique.settings) ? withDefaults(technique.settings, checked) : undefined;
    if (quick !== undefined && checkShape(technique.settings, quick).length === 0) checked = quick as Plain;
    else {
      const validate = fullCheck(technique);
      if (!validate(checked)) throw refused(validate, place);
    }
    for (const { setting, kind, name } of namedBy(technique.settings, checked)) {
      const known = Object.keys(kind === 'target' ? config.targets : config.endpoints);
      if (known.includes(name)) continue;
      const [guess] = nearest(name, known, 1);
      const code = kind === 'target' ? 'TARGET_NOT_FOUND' : 'ENDPOINT_NOT_FOUND';
      const list = `\`holdfast ${kind} list\` shows what there is`;
      throw new HoldfastError(
        code,
        `${place} names ${kind} ${name} in \`${setting}\`, and there is none of this name`,
        {
          remedy: guess === undefined ? list : `did you mean ${guess}? ${list}`,
          facts: { setting, [kind]: name },
        },
      );
    }
    return checked;
  };
}

/** The full validator takes far longer to load than to run: it is for schemas that are not simple, and to say what is wrong. */
function openAjv(): Ajv2020 {
  const { Ajv2020: Ajv } = createRequire(import.meta.url)('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
  return new Ajv({ allErrors: true, useDefaults: true, strict: false, validateFormats: false });
}

/** Settings that name a configured target or endpoint, as the schema marks them. */
export function namedBy(
  schema: Readonly<Record<string, unknown>>,
  settings: Plain,
): { readonly setting: string; readonly kind: 'target' | 'endpoint'; readonly name: string }[] {
  const properties = objectOf(schema.properties);
  const values = objectOf(settings);
  const named: { setting: string; kind: 'target' | 'endpoint'; name: string }[] = [];
  for (const [setting, property] of Object.entries(properties)) {
    const { format } = objectOf(property);
    const kind = format === 'target-name' ? 'target' : format === 'endpoint-name' ? 'endpoint' : null;
    const name = values[setting];
    if (kind !== null && typeof name === 'string') named.push({ setting, kind, name });
  }
  return named;
}

function refused(validate: ValidateFunction, place: string): HoldfastError {
  const [first] = validate.errors ?? [];
  const at = first?.instancePath.slice(1).replaceAll('/', '.') ?? '';
  const params = objectOf(first?.params);
  const unknown = params.additionalProperty;
  const missing = params.missingProperty;
  const allowed = params.allowedValues;
  const what =
    typeof unknown === 'string'
      ? `has an unknown setting \`${unknown}\``
      : typeof missing === 'string'
        ? `lacks the setting \`${missing}\``
        : `has a setting \`${at}\` that ${first?.message ?? 'is not valid'}`;
  const choices = Array.isArray(allowed) ? `: ${allowed.join(', ')}` : '';
  return new HoldfastError('WORKFLOW_INVALID', `${place} ${what}${choices}`, {
    remedy: 'correct the step’s settings; `holdfast plugin show` lists them',
    facts: { setting: typeof unknown === 'string' ? unknown : typeof missing === 'string' ? missing : at },
  });
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
