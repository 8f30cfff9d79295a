import { mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import type { Folders, Instance, KnownSchemas } from './contract.ts';
import { byHand, fileProblems, proveEdit, sameProblem } from './edit-check.ts';
import { setInJson, setInYaml, type TextEdit } from './edit-text.ts';
import { lockFile } from './file-lock.ts';
import type { InstanceSection } from './merge.ts';
import { parseText } from './parse-text.ts';
import { ConfigInvalid } from './problem.ts';
import { errnoOf, readText, unreadable } from './read-text.ts';
import { replaceFile } from './replace-file.ts';
import { namePattern } from './schema/core-schema.ts';

export interface EditOptions {
  /** Settings schemas of plugins, against which the change is checked. */
  readonly known?: KnownSchemas | undefined;
}

/** The file that commands write to where no other is named: the user's own. */
export function userConfigFile(folders: Folders): string {
  return join(folders.config, 'holdfast.config.yaml');
}

/**
 * Sets an endpoint or target in a configuration file, in place of one of the same name; the file is made if there is none.
 * Comments and order stay. The file is replaced as a whole or not at all, and only with what is valid.
 * @throws `NAME_INVALID`, `CONFIG_INVALID`, `CONFIG_CHANGED`, `CONFIG_UNREADABLE`, `UNSUPPORTED` for a TypeScript file.
 */
export async function setInstance(
  file: string,
  section: InstanceSection,
  name: string,
  instance: Instance,
  options: EditOptions = {},
): Promise<void> {
  if (!new RegExp(namePattern).test(name)) {
    throw new HoldfastError(
      'NAME_INVALID',
      `this is not allowed as the name of ${section.replace(/s$/, '')}: ${JSON.stringify(name)}`,
      {
        remedy: 'take a–z, 0–9 and "-", a letter or digit first, at most 63',
      },
    );
  }
  await edit(file, [{ path: [section, name], value: instance }], options, `${section}.${name}`);
}

/**
 * Removes an endpoint or target, and the retention that names it, from a configuration file.
 * @returns Whether it was there.
 * @throws like `setInstance`.
 */
export async function removeInstance(
  file: string,
  section: InstanceSection,
  name: string,
  options: EditOptions = {},
): Promise<boolean> {
  const edits: TextEdit[] = [{ path: [section, name], value: undefined }];
  if (section === 'targets') edits.push({ path: ['keep', name], value: undefined });
  return await edit(file, edits, options, null);
}

/** @param whole Key whose own problems count even if they are only that something is missing. */
async function edit(
  file: string,
  edits: readonly TextEdit[],
  options: EditOptions,
  whole: string | null,
): Promise<boolean> {
  const path = await realFile(resolve(file));
  if (whole !== null) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  else if ((await readText(path)) === null) return false;
  await using _lock = await lock(path);
  const before = await readText(path);
  const after = change(path, before?.text ?? '', plainEdits(edits));
  if (after === before?.text) return false;
  const old = before === null ? [] : fileProblems(path, before.text, options.known, null);
  const fresh = fileProblems(path, after, options.known, whole).filter(
    (one) => !old.some((other) => sameProblem(one, other)),
  );
  if (fresh.length > 0) throw new ConfigInvalid(fresh);
  proveEdit(path, before?.text ?? '', after, plainEdits(edits));
  // Whoever edits by hand takes no lock.
  if ((await readText(path))?.text !== before?.text) {
    throw new HoldfastError('CONFIG_CHANGED', `${path} was changed meanwhile`, { facts: { file: path } });
  }
  try {
    await replaceFile(path, after, { mode: 0o600, keepMode: true });
  } catch (error) {
    throw unwritable(path, error);
  }
  return true;
}

async function lock(file: string): Promise<AsyncDisposable> {
  try {
    return await lockFile(file);
  } catch (error) {
    throw errnoOf(error) === undefined ? error : unwritable(file, error);
  }
}

function unwritable(file: string, cause: unknown): HoldfastError {
  const why = errnoOf(cause) ?? 'failed';
  return new HoldfastError('CONFIG_UNREADABLE', `cannot write the configuration file ${file}: ${why}`, {
    remedy: 'check that you may write to it and that there is room; it is as it was',
    facts: { file },
    cause,
  });
}

function change(file: string, text: string, edits: readonly TextEdit[]): string {
  const extension = extname(file);
  if (extension === '.ts') {
    throw new HoldfastError('UNSUPPORTED', `a TypeScript configuration is changed by hand: ${file}`, {
      remedy: 'edit the file, or name another one with --config',
      facts: { file },
    });
  }
  if (extension !== '.json' && extension !== '.yaml' && extension !== '.yml') {
    throw unreadable(file, 'its name must end in .yaml, .yml or .json');
  }
  const parsed = parseText(text, extension === '.json' ? 'json' : 'yaml', { layer: 'given', place: file });
  if (parsed.problems.length > 0) throw new ConfigInvalid(parsed.problems);
  if (extension !== '.json') return inYaml(file, text, edits);
  const under = basename(file) === 'package.json' ? ['holdfast'] : [];
  return setInJson(
    text,
    edits.map((one) => ({ ...one, path: [...under, ...one.path] })),
  );
}

function inYaml(file: string, text: string, edits: readonly TextEdit[]): string {
  try {
    return setInYaml(text, edits);
  } catch (error) {
    throw byHand(file, error);
  }
}

/** Values as a file can hold them. */
function plainEdits(edits: readonly TextEdit[]): TextEdit[] {
  return edits.map(({ path, value }) => ({
    path,
    value: value === undefined ? undefined : JSON.parse(JSON.stringify(value)),
  }));
}

/** Where a symbolic link leads to, so that the link stays one. */
async function realFile(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return file;
    throw unreadable(file, errnoOf(error) ?? 'its path cannot be followed', error);
  }
}
