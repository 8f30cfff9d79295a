import { HoldfastError } from '@holdfast/api';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { isSchema } from './assemble.ts';
import type { Schema } from './core-schema.ts';

/** Compiles a schema that `assembleSchema` made. Checking fills in the defaults of plugins' settings. */
export function compileSchema(schema: Schema): ValidateFunction {
  try {
    return makeAjv(false).compile(schema);
  } catch (error) {
    throw blame(schema) ?? error;
  }
}

/** @param validateSchema Checking the schema against the schema of schemas takes longer than everything else: only to find a fault. */
function makeAjv(validateSchema: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: false,
    validateSchema,
    validateFormats: false,
    useDefaults: true,
    ownProperties: true,
    logger: false,
  });
  ajv.addKeyword({ keyword: 'secret', schemaType: 'boolean' });
  return ajv;
}

/** The plugin's schema that does not compile by itself. */
function blame(schema: Schema): HoldfastError | null {
  const definitions = isSchema(schema.$defs) ? schema.$defs : {};
  for (const [name, definition] of Object.entries(definitions)) {
    const fault = faultOf(definition);
    if (fault !== null) {
      return new HoldfastError('PLUGIN_INVALID', `the settings schema of ${name} is not valid: ${fault}`, {
        facts: { contribution: name },
      });
    }
  }
  return null;
}

function faultOf(definition: unknown): string | null {
  try {
    makeAjv(true).compile(isSchema(definition) ? definition : {});
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export type { ErrorObject };
