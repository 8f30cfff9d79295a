import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, resolve, sep } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { parseJsonWithComments } from '../../model/text/json-with-comments.ts';
import { safeText } from '../../model/text/safe-text.ts';
import { parseColour } from '../../model/theme/colour.ts';
import type { Brightness } from '../../model/theme/defaults.ts';
import { brightnessOf, type Colours, resolveColours } from '../../model/theme/resolve.ts';

const maxBytes = 1024 * 1024;
const mostIncludes = 8;
const mostColours = 2_000;

export type ThemeKind = 'dark' | 'light' | 'contrast' | 'mono';

/** A theme file, read: docs/formats/theme.md. */
export interface ThemeFile {
  readonly kind: ThemeKind;
  readonly brightness: Brightness;
  readonly colours: Colours;
  /** Keys that the file and what it includes name. */
  readonly named: readonly string[];
  /** Keys whose value is no colour; they are passed over. */
  readonly unreadable: readonly string[];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kinds: Readonly<Record<string, readonly [ThemeKind, Brightness]>> = {
  dark: ['dark', 'dark'],
  light: ['light', 'light'],
  hc: ['contrast', 'dark'],
  hcDark: ['contrast', 'dark'],
  'hc-black': ['contrast', 'dark'],
  hcLight: ['contrast', 'light'],
  'hc-light': ['contrast', 'light'],
  'vs-dark': ['dark', 'dark'],
  vs: ['light', 'light'],
  mono: ['mono', 'dark'],
};

/**
 * Reads a VS Code colour theme. Only its colours are of use here; those of syntax are passed over.
 * @param uiTheme What its manifest says it is, for a file that does not say so itself.
 * @throws `THEME_INVALID`.
 */
export async function readThemeFile(file: string, uiTheme?: string): Promise<ThemeFile> {
  const written = new Map<string, string | null>();
  const unreadable: string[] = [];
  const type = await collect(file, dirname(file), written, unreadable, []);
  const said = kinds[type ?? ''] ?? (uiTheme?.startsWith('hc') === true ? kinds[uiTheme] : undefined);
  // A manifest's word counts less than the background that the file has.
  const guess = written.has('editor.background') ? undefined : kinds[uiTheme ?? '']?.[1];
  const brightness = said?.[1] ?? guess ?? brightnessOf(written);
  return {
    kind: said?.[0] ?? brightness,
    brightness,
    colours: resolveColours(written, brightness),
    named: [...written.keys()],
    unreadable,
  };
}

/** Adds what a file says to what those that include it say already; answers its type. */
async function collect(
  file: string,
  root: string,
  written: Map<string, string | null>,
  unreadable: string[],
  path: readonly string[],
): Promise<string | undefined> {
  if (path.includes(file)) throw invalid(path[0] ?? file, `${file} includes itself`);
  if (path.length > mostIncludes) throw invalid(path[0] ?? file, `more than ${mostIncludes} files include each other`);
  const theme = await readJson(file);
  takeColours(theme.colors, written, unreadable);
  if (written.size > mostColours) throw invalid(file, `more than ${mostColours} colours`);
  const type = typeof theme.type === 'string' ? theme.type : undefined;
  if (typeof theme.include !== 'string') return type;
  const included = await within(root, theme.include, file);
  const below = await collect(included, root, written, unreadable, [...path, file]);
  return type ?? below;
}

function takeColours(colours: unknown, written: Map<string, string | null>, unreadable: string[]): void {
  if (!isRecord(colours)) return;
  for (const [key, value] of Object.entries(colours)) {
    if (written.has(key)) continue;
    if (value === null || value === 'default') written.set(key, null);
    else if (typeof value === 'string' && parseColour(value) !== null) written.set(key, value);
    else unreadable.push(key);
  }
}

/** A file that another one includes; it must lie in the same folder or below it, links followed. */
async function within(root: string, name: string, by: string): Promise<string> {
  const path = resolve(dirname(by), name);
  const outside = `includes ${safeText(name, 200)}, which lies outside of ${root}`;
  if (isAbsolute(name) || !path.startsWith(root + sep)) throw invalid(by, outside);
  const [real, realRoot] = await Promise.all([realpath(path).catch(() => null), realpath(root)]);
  if (real === null) throw invalid(by, `includes ${safeText(name, 200)}, which is not there`);
  if (!real.startsWith(realRoot + sep)) throw invalid(by, outside);
  return path;
}

async function readJson(file: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(file);
  let value: unknown;
  try {
    value = parseJsonWithComments(text, { length: maxBytes });
  } catch (cause) {
    throw invalid(file, cause instanceof Error ? cause.message : 'is not JSON');
  }
  if (!isRecord(value)) throw invalid(file, 'is not an object with `colors`');
  return value;
}

async function readText(file: string): Promise<string> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    // Never waits for the writer of a pipe.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw invalid(file, 'cannot be read', cause);
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw invalid(file, 'is not a file');
    if (stat.size > maxBytes) throw invalid(file, `is larger than ${maxBytes / 1024} KiB`);
    const bytes = await handle.readFile();
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    if (cause instanceof HoldfastError) throw cause;
    throw invalid(file, 'is not UTF-8 text', cause);
  } finally {
    await handle.close();
  }
}

const invalid = (file: string, what: string, cause?: unknown): HoldfastError =>
  new HoldfastError('THEME_INVALID', `theme ${file}: ${what}`, {
    remedy: 'correct the file, or choose another theme; docs/formats/theme.md says what is read',
    facts: { file },
    cause,
  });
