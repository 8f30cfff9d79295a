import { HoldfastError, isHoldfastError, type KeybindingDeclaration, type Plain } from '@holdfast/api';
import { parseKeys } from './key-name.ts';
import { parseWhen, type When } from './when.ts';

/** Whose word a binding is: a person's own goes before a plugin's, that before what is built in. */
export type Layer = 'own' | 'plugin' | 'built-in';

/** A key that runs a command, read and understood. */
export interface Binding {
  /** One name or two in a row, as keys of the screen are named. */
  readonly keys: readonly string[];
  readonly command: string;
  readonly args: Readonly<Record<string, Plain>>;
  /** `null`: always. */
  readonly when: When | null;
  readonly layer: Layer;
  /** Who brought it, to be shown: `line 12`, `@acme/scan`, `Holdfast`. */
  readonly owner: string;
}

/** A person takes a key away from a command: `-point.forget`. */
export interface Removal {
  /** `null`: all keys of that command. */
  readonly keys: readonly string[] | null;
  readonly command: string;
  /** Only a binding with this condition; `null`: whatever its condition. */
  readonly when: string | null;
}

/** What is wrong with one binding; all others work. */
export interface KeyProblem {
  /** Line of the file, from 1; 0 when no line is known. */
  readonly line: number;
  readonly text: string;
  readonly remedy: string | null;
}

/** A binding as it is declared. @throws {HoldfastError} `KEYS_INVALID`. */
export function readBinding(declaration: KeybindingDeclaration, layer: Layer, owner: string): Binding {
  const { key, command, args, when } = declaration;
  return {
    keys: parseKeys(key),
    command,
    args: args ?? {},
    when: when === undefined || when.trim() === '' ? null : parseWhen(when),
    layer,
    owner,
  };
}

/** What is wrong, as it is listed. Anything but an expected failure goes on being thrown. */
export function keyProblem(error: unknown, line: number, owner: string): KeyProblem {
  if (!isHoldfastError(error)) throw error;
  return { line, text: `${owner}: ${error.message}`, remedy: error.remedy ?? null };
}

const mostOfOne = 500;

/** Reads the bindings that a plugin or the program itself declares. Each bad one is named; the others work. */
export function readBindings(
  declared: readonly KeybindingDeclaration[],
  layer: Layer,
  owner: string,
): { readonly bindings: readonly Binding[]; readonly problems: readonly KeyProblem[] } {
  const bindings: Binding[] = [];
  const problems: KeyProblem[] = [];
  for (const declaration of declared.slice(0, mostOfOne)) {
    try {
      bindings.push(readBinding(declaration, layer, owner));
    } catch (error) {
      problems.push(keyProblem(error, 0, owner));
    }
  }
  if (declared.length > mostOfOne) {
    const error = new HoldfastError('KEYS_INVALID', `only the first ${mostOfOne} of ${declared.length} keys are taken`);
    problems.push(keyProblem(error, 0, owner));
  }
  return { bindings, problems };
}
