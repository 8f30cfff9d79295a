import type { Instance, KnownSchemas } from './contract.ts';
import { emptyMap } from './located.ts';
import type { InstanceSection } from './merge.ts';
import { assembleSchema, isSchema } from './schema/assemble.ts';
import { explain } from './schema/explain.ts';
import { compileSchema, type ErrorObject } from './schema/validate.ts';

/** One setting of an endpoint or target that does not fit its schema. The message holds no value: it may be a secret. */
export interface SettingProblem {
  /** The setting of the first level. */
  readonly setting: string;
  readonly message: string;
  /** What its schema says that it is. */
  readonly description: string | null;
}

/** Checks an endpoint or target that stands in no file yet. */
export function instanceProblems(
  section: InstanceSection,
  name: string,
  instance: Instance,
  known: KnownSchemas | undefined,
): SettingProblem[] {
  const validate = compileSchema(assembleSchema(known));
  // Checking fills in defaults: not into what will be written.
  if (validate({ [section]: { [name]: structuredClone(instance) } })) return [];
  return (validate.errors ?? []).flatMap(problemOf);
}

const nowhere = emptyMap({ layer: 'given', place: '', line: 0, column: 0 });

function problemOf(error: ErrorObject): SettingProblem[] {
  const [problem] = explain([error], nowhere);
  if (problem === undefined) return [];
  const { params, parentSchema } = error;
  const [, , , written] = error.instancePath.split('/');
  const missing = written === undefined && error.keyword === 'required' ? String(params.missingProperty) : null;
  const properties: unknown = isSchema(parentSchema) ? parentSchema.properties : undefined;
  const schema = missing !== null && isSchema(properties) ? properties[missing] : parentSchema;
  const description = isSchema(schema) && typeof schema.description === 'string' ? schema.description : null;
  return [{ setting: missing ?? written ?? 'use', message: problem.message, description }];
}
