import { type Document, isMap, isScalar, parseDocument, YAMLMap } from 'yaml';

/** One change: the value at a path, or `undefined` to take it away. */
export interface TextEdit {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Changes a YAML text that has been read without problems; comments, order and all that is not touched stay. */
export function setInYaml(text: string, edits: readonly TextEdit[]): string {
  const document = parseDocument(text, { uniqueKeys: false, merge: false, schema: 'core', keepSourceTokens: true });
  let changed = false;
  for (const { path, value } of edits) {
    if (value === undefined) changed = removeIn(document, path) || changed;
    else {
      prepare(document, path.slice(0, -1));
      document.setIn(path, document.createNode(value));
      changed = true;
    }
  }
  if (!changed) return text;
  return document.toString({ lineWidth: 0, indent: indentOf(text), flowCollectionPadding: true });
}

/** Changes a JSON text, keeping its indentation. */
export function setInJson(text: string, edits: readonly TextEdit[]): string {
  const root: unknown = text.trim() === '' ? {} : JSON.parse(text);
  if (!isRecord(root)) return text;
  let changed = false;
  for (const { path, value } of edits) {
    const parents = path.slice(0, -1);
    const last = path.at(-1) ?? '';
    let at: Record<string, unknown> | null = root;
    for (const key of parents) at = step(at, key, value !== undefined);
    if (at === null) continue;
    if (value !== undefined) at[last] = value;
    else if (Object.hasOwn(at, last)) delete at[last];
    else continue;
    changed = true;
  }
  if (!changed) return text;
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
  return `${JSON.stringify(root, null, indent)}\n`;
}

function step(at: Record<string, unknown> | null, key: string, make: boolean): Record<string, unknown> | null {
  if (at === null) return null;
  const next = Object.hasOwn(at, key) ? at[key] : undefined;
  if (isRecord(next)) return next;
  if (!make || (next !== undefined && next !== null)) return null;
  const made = {};
  at[key] = made;
  return made;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Puts an empty map where a section is missing or has nothing in it. */
function prepare(document: Document, path: readonly string[]): void {
  if (isNothing(document.contents)) document.contents = mapInPlaceOf(document, document.contents);
  for (let depth = 1; depth <= path.length; depth++) {
    const at = path.slice(0, depth);
    const there = document.getIn(at, true);
    if (isNothing(there)) document.setIn(at, mapInPlaceOf(document, there));
  }
}

function isNothing(node: unknown): boolean {
  return node === undefined || node === null || (isScalar(node) && node.value === null);
}

/** An empty map with the comments of the nothing that it replaces. */
function mapInPlaceOf(document: Document, nothing: unknown): YAMLMap {
  const map = new YAMLMap(document.schema);
  if (isScalar(nothing))
    map.commentBefore = [nothing.commentBefore, nothing.comment].filter(Boolean).join('\n') || null;
  return map;
}

function removeIn(document: Document, path: readonly string[]): boolean {
  if (!document.hasIn(path)) return false;
  document.deleteIn(path);
  const section = document.getIn(path.slice(0, -1), true);
  // An empty section reads better gone than as `{}`.
  if (isMap(section) && section.items.length === 0 && !section.comment) document.deleteIn(path.slice(0, -1));
  return true;
}

function indentOf(text: string): number {
  return /^( +)\S/m.exec(text)?.[1]?.length ?? 2;
}
