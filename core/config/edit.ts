import { basename, extname, join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { changeFile } from './change-file.ts';
import type { Folders, Instance, KnownSchemas } from './contract.ts';
import { byHand, fileProblems, proveEdit, sameProblem } from './edit-check.ts';
import { setInJson, setInYaml, type TextEdit } from './edit-text.ts';
import type { InstanceSection } from './merge.ts';
import { parseText } from './parse-text.ts';
import { ConfigInvalid } from './problem.ts';
import { unreadable } from './read-text.ts';
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
 * Sets an endpoint, target or notifier in a configuration file, in place of one of the same name; the file is made if there is none.
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
 * Removes an endpoint, target or notifier, and the retention that names it, from a configuration file.
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
  return await changeFile(file, {
    isMade: whole !== null,
    to: (before, path) => {
      const after = change(path, before ?? '', plainEdits(edits));
      if (after === before) return null;
      const old = before === null ? [] : fileProblems(path, before, options.known, null);
      const fresh = fileProblems(path, after, options.known, whole).filter(
        (one) => !old.some((other) => sameProblem(one, other)),
      );
      if (fresh.length > 0) throw new ConfigInvalid(fresh);
      proveEdit(path, before ?? '', after, plainEdits(edits));
      return after;
    },
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
