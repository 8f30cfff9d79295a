import { createRequire } from 'node:module';
import type { Ajv2020 as Ajv, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { manifestSchema } from './schema.ts';

interface Engine {
  readonly ajv: Ajv;
  readonly manifest: ValidateFunction;
}

let engine: Engine | null = null;

/** Ajv takes as long to load as all else that a short command does: it is loaded when a file was never seen before. */
function load(): Engine {
  if (engine !== null) return engine;
  const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, logger: false });
  engine = { ajv, manifest: ajv.compile(manifestSchema) };
  return engine;
}

/** A problem with where it is, as a JSON pointer. */
export interface Finding {
  readonly path: string;
  readonly message: string;
}

/** Checks a parsed manifest. At most 50 findings. */
export function checkManifest(value: unknown): readonly Finding[] {
  const { manifest } = load();
  return manifest(value) ? [] : findings(manifest.errors);
}

/** Checks that something is a JSON schema of an object, of draft 2020-12. */
export function checkSettingsSchema(schema: unknown): readonly Finding[] {
  if (typeof schema !== 'object' || schema === null || !('type' in schema) || schema.type !== 'object') {
    return [{ path: '/type', message: 'is not "object"' }];
  }
  const { ajv } = load();
  const draft = '$schema' in schema ? schema.$schema : undefined;
  if (draft !== undefined && draft !== 'https://json-schema.org/draft/2020-12/schema') {
    return [{ path: '/$schema', message: 'is not https://json-schema.org/draft/2020-12/schema' }];
  }
  if (ajv.validateSchema(schema) !== true) {
    // The schema of schemas has several ways to say each thing, and finds a fault by each of them.
    return findings(ajv.errors).filter((one, at, all) => all.findIndex(({ path }) => path === one.path) === at);
  }
  try {
    compile(schema);
    return [];
  } catch (thrown) {
    return [{ path: '', message: thrown instanceof Error ? thrown.message.slice(0, 300) : 'does not compile' }];
  }
}

/** Checks a value against any JSON schema of draft 2020-12. */
export function checkValue(schema: object, value: unknown): readonly Finding[] {
  const validate = compile(schema);
  return validate(value) ? [] : findings(validate.errors);
}

const compiled = new WeakMap<object, ValidateFunction>();

function compile(schema: object): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  // Without its $id: two plugins may use the same one.
  const { $id: _, ...anonymous } = schema as { readonly $id?: unknown };
  const validate = load().ajv.compile(anonymous);
  compiled.set(schema, validate);
  return validate;
}

function findings(errors: readonly ErrorObject[] | null | undefined): readonly Finding[] {
  return (errors ?? []).slice(0, 50).map((error) => ({ path: error.instancePath, message: sentence(error) }));
}

function sentence(error: ErrorObject): string {
  const p = error.params as Readonly<Record<string, unknown>>;
  if (error.keyword === 'required') return `is missing ${String(p.missingProperty)}`;
  if (error.keyword === 'additionalProperties') return `has ${String(p.additionalProperty)}, which is not known here`;
  if (error.keyword === 'enum') return `is not one of ${(p.allowedValues as readonly unknown[]).join(', ')}`;
  if (error.keyword === 'const') return `is not ${JSON.stringify(p.allowedValue)}`;
  return error.message ?? 'is not valid';
}
