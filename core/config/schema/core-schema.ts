/** A JSON schema, draft 2020-12. */
export type Schema = { readonly [keyword: string]: unknown };

/** What a reference to a secret looks like. */
export const secretPattern = '^(env|file|command|keyring|systemd|sealed):.';

/** Names that an administrator gives to endpoints and targets. */
export const namePattern = '^[a-z0-9][a-z0-9-]{0,62}$';

/** A setting that takes a reference to a secret. `secret` marks it for forms and output. */
export const secretSetting = {
  type: 'string',
  secret: true,
  pattern: secretPattern,
  maxLength: 4096,
} as const;

/** An address, a name or an IPv6 address in brackets, and a port. */
export const listenPattern = '^([A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\]):[0-9]{1,5}$';

const count = { type: 'integer', minimum: 0, maximum: 100_000 } as const;

/** What core itself knows of the configuration, without the settings of plugins. */
export const coreProperties = {
  $schema: { type: 'string', description: 'Where an editor finds this schema.' },
  slots: {
    type: 'object',
    description: 'How many of each slot may be held at once, by slot name.',
    propertyNames: { pattern: '^[a-z0-9][A-Za-z0-9:._/@+-]{0,254}$' },
    additionalProperties: { type: 'integer', minimum: 1, maximum: 10_000 },
    default: {},
  },
  keep: {
    type: 'object',
    description:
      'How many restore points a target keeps of each machine, by target. A target without an entry keeps all.',
    propertyNames: { pattern: namePattern },
    additionalProperties: {
      type: 'object',
      additionalProperties: false,
      properties: {
        last: { ...count, description: 'The newest ones.' },
        hourly: { ...count, description: 'The newest one of each of so many hours.' },
        daily: { ...count, description: 'The newest one of each of so many days.' },
        weekly: { ...count, description: 'The newest one of each of so many weeks.' },
        monthly: { ...count, description: 'The newest one of each of so many months.' },
        yearly: { ...count, description: 'The newest one of each of so many years.' },
      },
    },
    default: {},
  },
  compression: {
    type: 'integer',
    minimum: 1,
    maximum: 19,
    default: 3,
    description: 'zstd level of new data.',
  },
  workers: {
    type: 'integer',
    minimum: 0,
    maximum: 64,
    default: 0,
    description: 'Worker threads of the pipeline; 0 means one for each processor.',
  },
  server: {
    type: 'object',
    description: 'The SSH server.',
    additionalProperties: false,
    properties: {
      listen: {
        type: 'string',
        pattern: listenPattern,
        description: 'Address and port; absent: `127.0.0.1:2222`. IPv6 in brackets: `[::1]:2222`.',
      },
      idleMinutes: {
        type: 'integer',
        minimum: 1,
        maximum: 10_000,
        description: 'Minutes without a key after which a session ends; absent: 15.',
      },
      record: { type: 'boolean', description: 'Whether what sessions show is kept for replay; absent: false.' },
    },
    default: {},
  },
  approvals: {
    type: 'object',
    description: 'When somebody else has to agree.',
    additionalProperties: false,
    properties: {
      destroy: {
        type: 'boolean',
        description:
          'Whether commands that destroy, or hand out power, need the approval of a second person; absent: false.',
      },
      expireHours: {
        type: 'integer',
        minimum: 1,
        maximum: 8760,
        description: 'Hours after which an approval can no longer be used; absent: 24.',
      },
      delayMinutes: {
        type: 'integer',
        minimum: 0,
        maximum: 43_200,
        description: 'Minutes between an approval and its use; absent: 0.',
      },
    },
    default: {},
  },
  metrics: {
    type: 'object',
    description: 'Figures for Prometheus, served by `holdfast serve`.',
    additionalProperties: false,
    properties: {
      listen: {
        type: 'string',
        pattern: listenPattern,
        description: 'Loopback address and port, for example `127.0.0.1:9464`; absent: they are not served.',
      },
    },
    default: {},
  },
  schedules: {
    type: 'object',
    description: 'How this machine runs policies.',
    additionalProperties: false,
    properties: {
      serve: { type: 'boolean', description: 'Whether `holdfast serve` runs policies at their times; absent: true.' },
      runs: {
        type: 'integer',
        minimum: 1,
        maximum: 64,
        description: 'Runs that one process executes at once; absent: 4.',
      },
    },
    default: {},
  },
} as const satisfies Schema;

/** Settings of a notifier that core reads beside the plugin's own. */
export const notifierSettings = {
  tell: {
    type: 'array',
    uniqueItems: true,
    maxItems: 10,
    items: { enum: ['run-failed', 'run-missed', 'rpo-missed', 'schedule', 'digest', 'cleared'] },
    description: 'What is told to it; absent: everything but `digest`.',
  },
  digest: {
    type: 'string',
    maxLength: 100,
    description: 'When a digest is sent, as a schedule of a policy is written: `daily 07:00`. Absent: none is.',
  },
} as const satisfies Schema;

/** The keys at the top of a configuration. */
export const sectionNames = [
  'endpoints',
  'targets',
  'notifiers',
  'slots',
  'keep',
  'compression',
  'workers',
  'server',
  'approvals',
  'metrics',
  'schedules',
  'plugins',
] as const;
