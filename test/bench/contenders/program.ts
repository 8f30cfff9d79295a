import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs something that is not measured. */
export async function prepare(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<string> {
  const [program = '', ...args] = argv;
  const options = { env: { ...process.env, ...env }, maxBuffer: 64 * 2 ** 20, ...(cwd === undefined ? {} : { cwd }) };
  return (await run(program, args, options)).stdout;
}

/** First line of what a program says about its version; `null` when it is not installed. */
export async function versionOf(argv: readonly string[]): Promise<string | null> {
  try {
    return (await prepare(argv)).split('\n')[0]?.trim() ?? null;
  } catch {
    return null;
  }
}

/** Throws when two images differ: a fast wrong answer is none. */
export async function refuseDifference(left: string, right: string): Promise<void> {
  await prepare(['cmp', left, right]);
}
