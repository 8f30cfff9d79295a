/** What `--clear` can take away. */
export const clearable = [
  'title',
  'endpoint',
  'name',
  'tag',
  'folder',
  'except',
  'rpo',
  'rto',
  'change',
  'window',
  'jitter',
  'schedule',
  'workflow-window',
  'workflow',
  'keep',
] as const;
