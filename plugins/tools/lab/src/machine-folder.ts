import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';

/** Lies in the folder of each lab machine; without it, a folder is not ours and is left alone. */
export const markFile = '.lab.json';

/** What is known of a lab machine. */
export interface LabMark {
  readonly format: 'holdfast-lab';
  readonly version: 1;
  readonly seed: number;
  readonly fileSystem: 'ext4' | 'fat32';
  readonly diskFormat: 'raw' | 'qcow2';
  /** Name of the image in the folder. */
  readonly disk: string;
  readonly files: number;
  readonly dataBytes: number;
  /** How often it was changed. */
  readonly changes: number;
}

/** A lab machine and where it lies. */
export interface LabMachine {
  readonly name: string;
  readonly folder: string;
  readonly mark: LabMark;
}

/** Names that are also names of folders, whatever the system. */
export function checkMachineName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return name;
  throw new HoldfastError('NAME_INVALID', `${JSON.stringify(name.slice(0, 80))} is not a name for a lab machine`, {
    remedy: 'use letters, digits, dots, dashes and underscores, 64 at most',
  });
}

/** @throws `MACHINE_NOT_FOUND` when there is no lab machine of this name. */
export async function findMachine(folder: string, name: string): Promise<LabMachine> {
  const machine = await readMachine(folder, checkMachineName(name));
  if (machine !== null) return machine;
  throw new HoldfastError('MACHINE_NOT_FOUND', `there is no lab machine ${name} in ${folder}`, {
    remedy: '`holdfast lab list` shows what there is, `holdfast lab make` makes one',
    facts: { folder, name },
  });
}

/** All lab machines of a folder, by name; other folders are left out. */
export async function listMachines(folder: string): Promise<readonly LabMachine[]> {
  const names = await readdir(folder).catch(() => []);
  const visible = names.filter((name) => !name.startsWith('.')).sort((a, b) => (a < b ? -1 : 1));
  const machines = await Promise.all(visible.map((name) => readMachine(folder, name)));
  return machines.filter((machine) => machine !== null);
}

export async function writeMark(machineFolder: string, mark: LabMark): Promise<void> {
  await writeFile(join(machineFolder, markFile), `${JSON.stringify(mark, null, 2)}\n`, { mode: 0o600 });
}

async function readMachine(folder: string, name: string): Promise<LabMachine | null> {
  const own = join(folder, name);
  try {
    if (!(await lstat(own)).isDirectory()) return null;
    const mark: unknown = JSON.parse(await readFile(join(own, markFile), 'utf8'));
    return isMark(mark) ? { name, folder: own, mark } : null;
  } catch {
    return null;
  }
}

function isMark(value: unknown): value is LabMark {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === 'holdfast-lab' &&
    'version' in value &&
    value.version === 1 &&
    'disk' in value &&
    typeof value.disk === 'string' &&
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value.disk) &&
    'diskFormat' in value &&
    'changes' in value &&
    typeof value.changes === 'number'
  );
}
