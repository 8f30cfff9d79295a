import type { KnownSchemas } from '../contract.ts';
import { coreProperties, namePattern, notifierSettings, type Schema, secretSetting } from './core-schema.ts';

const draft = 'https://json-schema.org/draft/2020-12/schema';

/** Settings of a target that holds a repository, which core reads beside the plugin's own. */
const repositorySettings = {
  passphrase: {
    ...secretSetting,
    description:
      'Reference to the passphrase that opens the repository on this target, for example `sealed:disk-main`.',
  },
  collect: {
    type: 'boolean',
    description:
      'Whether schedules give room back on this target by themselves; absent: true. Say false where another installation does, or where these credentials may only add.',
  },
  dedupe: {
    description:
      'What is done about data that is there already; absent: immediate. With `deferred` it is put down as it is, and deduplicated and compressed within the window, or at once after the deadline; absent: at any time, 24h.',
    anyOf: [
      { enum: ['immediate', 'deferred', 'off'] },
      {
        type: 'object',
        additionalProperties: false,
        required: ['mode'],
        properties: {
          mode: { enum: ['immediate', 'deferred', 'off'] },
          window: { type: 'string', maxLength: 200, description: 'Like `Mon-Fri 22:00-06:00` or `22:00-06:00`.' },
          deadline: { type: 'string', maxLength: 64, pattern: '^(\\d{1,9}[smhdw])+$', description: 'Like `24h`.' },
        },
      },
    ],
  },
} as const;

/**
 * One schema of the whole configuration, for checking and for editors: core's part, and for each endpoint, target and
 * plugin the settings that its manifest declares.
 * @param known Absent: what plugins contribute is not known, so their settings are taken as they are.
 */
export function assembleSchema(known?: KnownSchemas): Schema {
  const definitions: Record<string, Schema> = {};
  const mediaTargets = new Set(known?.mediaTargets ?? []);
  const endpoints = instances('endpoint', 'hypervisors', known?.hypervisors, definitions, () => ({}));
  const targets = instances('target', 'targets', known?.targets, definitions, (id) =>
    mediaTargets.has(id) ? {} : repositorySettings,
  );
  const notifiers = instances('notifier', 'notifiers', known?.notifiers, definitions, () => notifierSettings);
  return {
    $schema: draft,
    $id: 'https://holdfast.invalid/config.schema.json',
    title: 'Holdfast configuration',
    type: 'object',
    additionalProperties: false,
    properties: {
      ...coreProperties,
      endpoints: section('Hypervisors to protect machines of, by name.', endpoints),
      targets: section('Where restore points are kept, by name.', targets),
      notifiers: section('Ways to reach administrators, by name.', notifiers),
      plugins: plugins(known),
    },
    $defs: definitions,
  };
}

function section(description: string, each: Schema): Schema {
  return {
    type: 'object',
    description,
    propertyNames: { pattern: namePattern },
    additionalProperties: each,
    default: {},
  };
}

/** The schema of one instance: `use` says which contribution's settings apply. */
function instances(
  what: string,
  group: string,
  known: Readonly<Record<string, Schema>> | undefined,
  definitions: Record<string, Schema>,
  coreSettings: (id: string) => Readonly<Record<string, Schema>>,
): Schema {
  if (known === undefined) {
    const use = { type: 'string', minLength: 1, maxLength: 100 };
    return { type: 'object', required: ['use'], properties: { use, ...coreSettings('') } };
  }
  const ids = Object.keys(known).toSorted();
  for (const [id, settings] of Object.entries(known)) {
    definitions[`${group}.${id}`] = embedded(`holdfast:${group}/${encodeURIComponent(id)}`, settings, {
      use: { const: id },
      ...coreSettings(id),
    });
  }
  return {
    type: 'object',
    required: ['use'],
    // An empty list is no schema; no contribution is called ''.
    properties: { use: { enum: ids.length === 0 ? [''] : ids, description: `The plugin's ${what}.` } },
    ...(ids.length === 0 ? {} : { allOf: ids.map((id) => choose(group, id)) }),
  };
}

/** Where `use` names the contribution, its settings apply. */
function choose(group: string, id: string): Schema {
  return {
    if: { type: 'object', required: ['use'], properties: { use: { const: id } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema, not a promise
    then: { $ref: `holdfast:${group}/${encodeURIComponent(id)}` },
  };
}

function plugins(known: KnownSchemas | undefined): Schema {
  const description = 'Settings of plugins, by plugin name.';
  if (known === undefined) {
    return { type: 'object', description, additionalProperties: { type: 'object' }, default: {} };
  }
  const each = Object.entries(known.plugins).map(([name, schema]) => [
    name,
    embedded(`holdfast:plugins/${encodeURIComponent(name)}`, schema, {}),
  ]);
  return {
    type: 'object',
    description,
    additionalProperties: false,
    properties: Object.fromEntries(each),
    default: {},
  };
}

/**
 * A plugin's schema as a part of the whole: with an `$id` of its own, so that its `#/…` references still point into
 * itself; closed against unknown keys unless it says otherwise; its secrets taken as references only.
 */
function embedded(id: string, schema: Schema, coreSettings: Readonly<Record<string, Schema>>): Schema {
  const { $schema: _draft, $id: _id, properties, ...rest } = schema;
  const own = isSchema(properties) ? properties : {};
  const closed = 'additionalProperties' in rest || 'unevaluatedProperties' in rest;
  const composed = ['$ref', 'allOf', 'anyOf', 'oneOf', 'if'].some((keyword) => keyword in rest);
  return {
    $id: id,
    type: 'object',
    ...rest,
    ...(closed ? {} : composed ? { unevaluatedProperties: false } : { additionalProperties: false }),
    properties: { ...mapValues(own, secretsByReference), ...coreSettings },
  };
}

function secretsByReference(setting: unknown): unknown {
  if (!isSchema(setting) || setting.secret !== true) return setting;
  const { pattern: _pattern, minLength: _minimum, maxLength: _maximum, format: _format, ...rest } = setting;
  return { ...rest, ...secretSetting };
}

function mapValues(values: Schema, change: (value: unknown) => unknown): Schema {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
