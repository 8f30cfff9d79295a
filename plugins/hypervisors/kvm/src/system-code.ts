/** The system's name of an error, for example `ENOENT`; empty for anything else that was thrown. */
export function systemCode(thrown: unknown): string {
  return thrown instanceof Error &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    /^E[A-Z0-9]+$/.test(thrown.code)
    ? thrown.code
    : '';
}
