/** JSON schema (draft 2020-12) of a plugin's `package.json`, as far as the host reads it. */

const id = { type: 'string', pattern: '^[a-z][a-z0-9-]{0,39}$' };
const title = { type: 'string', minLength: 1, maxLength: 200 };
const file = { type: 'string', minLength: 1, maxLength: 300 };
const ports = {
  type: 'array',
  items: { enum: ['machine', 'snapshot', 'restore-point', 'copy', 'replica', 'verification'] },
  maxItems: 6,
  uniqueItems: true,
};
const contribution = { id, title, settings: file, answers: file };
const several = (properties: object, required: readonly string[]) => ({
  type: 'array',
  maxItems: 50,
  items: { type: 'object', properties, required, additionalProperties: false },
});
const grantedPath = {
  type: 'string',
  maxLength: 1000,
  pattern: '^(\\*|(/|~/|\\$\\{[a-z]+\\.[A-Za-z0-9_-]+\\})(?!.*(^|/)\\.\\.(/|$)).*)$',
};
const words = (pattern: string) => ({
  type: 'array',
  maxItems: 100,
  items: { type: 'string', maxLength: 300, pattern },
});

const command = {
  id: { type: 'string', maxLength: 80, pattern: '^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*){0,3}$' },
  title,
  args: { type: 'object', properties: { type: { const: 'object' } }, required: ['type'] },
  positionals: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 20, uniqueItems: true },
  danger: { enum: ['read', 'change', 'destroy'] },
  when: { type: 'string', maxLength: 500 },
  examples: { type: 'array', items: { type: 'string', maxLength: 500 }, maxItems: 20 },
};

const commandId = command.id;
const dotted = { type: 'string', maxLength: 80, pattern: '^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*){0,3}$' };
const when = { type: 'string', maxLength: 500 };
/** Plain values for a command's arguments, by name. */
const given = { type: 'object', maxProperties: 50 };
const key = {
  type: 'string',
  maxLength: 60,
  pattern: '^(?:[a-z]+\\+){0,3}\\S{1,20}( (?:[a-z]+\\+){0,3}\\S{1,20})?$',
};
const actionProperties = {
  key,
  title,
  command: commandId,
  argument: { type: 'string', minLength: 1, maxLength: 100 },
  several: { type: 'boolean' },
};
const rowAction = {
  type: 'object',
  properties: actionProperties,
  required: ['title', 'command', 'argument'],
  additionalProperties: false,
};
const view = {
  id: dotted,
  title,
  activity: {
    enum: ['overview', 'machines', 'runs', 'points', 'targets', 'policies', 'plugins', 'audit', 'settings', 'panel'],
  },
  command: commandId,
  args: given,
  refreshMs: { type: 'integer', minimum: 1000, maximum: 86_400_000 },
  open: rowAction,
  actions: { type: 'array', maxItems: 30, items: rowAction },
  when,
};
const theme = { id: dotted, label: title, uiTheme: { enum: ['vs-dark', 'vs', 'hc-black', 'hc-light'] }, path: file };
const step = {
  type: 'object',
  properties: { title, text: { type: 'string', maxLength: 10_000 }, command: commandId, doneWhen: when },
  required: ['title', 'text'],
  additionalProperties: false,
};

export const manifestSchema = {
  type: 'object',
  required: ['name', 'version', 'type', 'main', 'engines', 'contributes'],
  properties: {
    name: {
      type: 'string',
      maxLength: 100,
      pattern: '^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$',
    },
    version: { type: 'string', maxLength: 50, pattern: '^\\d+\\.\\d+\\.\\d+([-+].*)?$' },
    displayName: title,
    description: { type: 'string', maxLength: 1000 },
    type: { const: 'module' },
    main: { type: 'string', maxLength: 300, pattern: '\\.(ts|js|mts|mjs)$' },
    engines: {
      type: 'object',
      required: ['holdfast'],
      properties: { holdfast: { type: 'string', minLength: 1, maxLength: 100 } },
    },
    contributes: {
      type: 'object',
      additionalProperties: false,
      properties: {
        hypervisors: several(contribution, ['id', 'title', 'settings', 'answers']),
        targets: several({ ...contribution, shape: { enum: ['object-store', 'media-library'] } }, [
          'id',
          'title',
          'settings',
          'answers',
          'shape',
        ]),
        techniques: several(
          {
            ...contribution,
            needs: ports,
            gives: ports,
            sheet: {
              type: 'array',
              items: { enum: ['movement', 'snapshot', 'agent', 'proxy', 'replication'] },
              uniqueItems: true,
            },
          },
          ['id', 'title', 'settings', 'answers', 'needs', 'gives', 'sheet'],
        ),
        notifiers: several({ id, title, settings: file }, ['id', 'title', 'settings']),
        commands: several(command, ['id', 'title', 'args', 'danger']),
        views: several(view, ['id', 'title', 'activity', 'command']),
        keybindings: several({ key, command: commandId, args: given, when }, ['key', 'command']),
        themes: several(theme, ['id', 'label', 'uiTheme', 'path']),
        reports: several({ id: dotted, title, command: commandId, args: given }, ['id', 'title', 'command']),
        walkthroughs: several({ id: dotted, title, steps: { type: 'array', minItems: 1, maxItems: 30, items: step } }, [
          'id',
          'title',
          'steps',
        ]),
        configuration: { type: 'object', properties: { type: { const: 'object' } }, required: ['type'] },
      },
    },
    permissions: {
      type: 'object',
      additionalProperties: false,
      properties: {
        read: { type: 'array', maxItems: 100, items: grantedPath },
        write: { type: 'array', maxItems: 100, items: grantedPath },
        network: words(
          '^(\\*|[^\\s:]+|\\[[0-9a-fA-F:]+\\]|\\$\\{[a-z]+\\.[A-Za-z0-9_-]+\\}):(\\*|\\d{1,5}|\\$\\{[a-z]+\\.[A-Za-z0-9_-]+\\})$',
        ),
        run: words('^[^\\s/]+$|^/[^\\0]+$'),
        secrets: words('^[A-Za-z][A-Za-z0-9_.-]*$'),
      },
    },
  },
} as const;
