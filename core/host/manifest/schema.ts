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
        commands: several(command, ['id', 'title', 'args', 'danger']),
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
