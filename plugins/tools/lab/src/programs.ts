import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { HoldfastError, throwIfCancelled } from '@holdfast/api';

/** An ordinary user's PATH lacks the folders in which mke2fs lies. */
const systemFolders = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

/** Absolute path of a program, or `null` when it is not installed. */
export async function findProgram(name: string): Promise<string | null> {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder)),
    ...systemFolders,
  ];
  for (const folder of folders) {
    const path = join(folder, name);
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return null;
}

/** Runs a program to its end, without a shell. Answers what it wrote to its standard output. */
export async function runProgram(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C', ...environment };
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile(program, [...args], { signal, env, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
    if (error === null) resolve(stdout);
    else reject(Object.assign(error, { stderr }));
  });
  try {
    return await promise;
  } catch (cause) {
    throwIfCancelled(signal, program);
    const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim().slice(-500) : '';
    const code = /no space left/i.test(stderr) ? 'DISK_SPACE' : 'UNSUPPORTED';
    throw new HoldfastError(code, `${program} failed: ${stderr || 'it said nothing'}`, { facts: { program }, cause });
  }
}
