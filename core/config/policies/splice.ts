import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { PolicyEdit } from './edits.ts';
import { renderInline, renderValue } from './written.ts';

/** A text is written in a way that cannot be changed in one place only. */
export class CannotSplice extends Error {}

interface Place {
  readonly text: string;
  readonly document: Document.Parsed;
  /** End of line of the file. */
  readonly newline: string;
}

/**
 * Changes one value in a YAML text. What does not belong to it stays byte for byte: comments, order, quoting, empty lines. Within braces the whole of the
 * outermost pair of braces is written anew.
 * @throws {CannotSplice}
 */
export function splice(text: string, edit: PolicyEdit): string {
  const document = parseDocument(text, { uniqueKeys: false, merge: false, schema: 'core', prettyErrors: false });
  const place: Place = { text, document, newline: text.includes('\r\n') ? '\r\n' : '\n' };
  return set(place, edit.path, edit.value);
}

function set(place: Place, path: readonly (string | number)[], value: PolicyEdit['value']): string {
  let node: Node | null = place.document.contents;
  for (const [depth, key] of path.entries()) {
    const isLast = depth === path.length - 1;
    if (node !== null && isCollection(node) && node.flow === true && (depth > 0 || node.items.length > 0))
      return inBraces(place, node, path.slice(depth), value);
    if (isMap<Node, Node | null>(node)) {
      const pair: Pair<Node, Node | null> | undefined = node.items.find(
        ({ key: name }) => isScalar(name) && nameOf(name) === String(key),
      );
      if (pair === undefined)
        return value === undefined ? place.text : addPair(place, node, key, nested(path.slice(depth + 1), value));
      if (isLast)
        return value === undefined
          ? removePair(place, path, node, pair)
          : replace(place, pair.key, pair.value, node, value);
      if (isNothing(pair.value))
        return value === undefined
          ? place.text
          : replace(place, pair.key, pair.value, node, nested(path.slice(depth + 1), value));
      node = pair.value;
    } else if (isSeq<Node | null>(node) && typeof key === 'number' && isLast)
      return setItem(place, path, node, key, value);
    else throw new CannotSplice('an alias, or something that is no map, stands on the way');
  }
  throw new CannotSplice('there is no path');
}

const nameOf = (key: Scalar): string => (typeof key.value === 'string' ? key.value : (key.source ?? String(key.value)));

/** Whether nothing stands there, or empty braces: block lines may stand in its place. */
function isNothing(node: Node | null): boolean {
  if (node === null) return true;
  if (isScalar(node)) return node.value === null && node.source !== 'null' && node.source !== '~';
  return isCollection(node) && node.flow === true && node.items.length === 0;
}

type Value = Exclude<PolicyEdit['value'], undefined>;

/** Maps around a value, one for each key on the way. */
function nested(path: readonly (string | number)[], value: Value): Value {
  return path.reduceRight<Value>((inner, key) => (typeof key === 'number' ? [inner] : { [key]: inner }), value);
}

/** Writes the outermost braces around a value anew. */
function inBraces(
  { text, document }: Place,
  braces: Node,
  path: readonly (string | number)[],
  value: PolicyEdit['value'],
): string {
  if (!isCollection(braces) || !braces.range) throw new CannotSplice('braces without a place');
  if (value === undefined) braces.deleteIn(path);
  else braces.setIn(path, document.createNode(value, { aliasDuplicateObjects: false, flow: true }));
  const [from, to] = braces.range;
  const isPadded = /^[{[]\s/.test(text.slice(from, to));
  const alone = parseDocument('null');
  alone.contents = braces as unknown as typeof alone.contents;
  braces.spaceBefore = false;
  braces.commentBefore = null;
  braces.comment = null;
  const written = alone.toString({ lineWidth: 0, flowCollectionPadding: isPadded }).trimEnd();
  return text.slice(0, from) + indented(written, columnOf(text, from)) + text.slice(to);
}

/** Puts a value in the place of one that stands in a block map, or of nothing. */
function replace(place: Place, key: Node, old: Node | null, map: YAMLMap<Node, Node | null>, value: Value): string {
  const { text } = place;
  const keyEnd = endOf(key);
  const colon = text.indexOf(':', keyEnd);
  if (colon < 0 || text.slice(keyEnd, colon).trim() !== '') throw new CannotSplice('a key without its colon');
  const column = columnOf(text, key.range?.[0] ?? 0);
  const written = rendered(value, column + indentOf(place, map));
  if (old === null || (isScalar(old) && isNothing(old))) return spliced(text, colon + 1, colon + 1, written);
  if (isAlias(old)) throw new CannotSplice('an alias stands there');
  if (isScalar(old) && old.type !== Scalar.BLOCK_FOLDED && old.type !== Scalar.BLOCK_LITERAL && !written.includes('\n'))
    return spliced(text, startOf(old), endOf(old), written.trimStart());
  if (isCollection(old) && old.flow === true && !written.includes('\n'))
    return spliced(text, startOf(old), endOf(old), written.trimStart());
  // Anchors and tags before a value stay: whoever uses them sees the change, which the proof of the edit finds.
  if (old.anchor !== undefined || (old.tag !== undefined && !isImplicit(old)))
    throw new CannotSplice('an anchor or tag stands there');
  const end = endOf(old);
  const hasLineEnd = text[end - 1] === '\n';
  return spliced(text, colon + 1, end, hasLineEnd ? `${written}${place.newline}` : written);
}

const isImplicit = (node: Node): boolean => node.tag === undefined || node.tag.startsWith('tag:yaml.org,2002:');

/** Adds a pair after the last of a block map. */
function addPair(place: Place, map: YAMLMap<Node, Node | null>, key: string | number, value: Value): string {
  const { text, newline } = place;
  const last = map.items.at(-1);
  const first = map.items.at(0);
  if (last === undefined || first === undefined) throw new CannotSplice('a map without keys');
  const column = columnOf(text, startOf(first.key));
  const at = lineEndAfter(text, Math.max(endOf(last.key), last.value === null ? 0 : endOf(last.value)));
  const name = renderInline(String(key));
  const pair = `${' '.repeat(column)}${name}:${rendered(value, column + indentOf(place, map))}`;
  const needsLine = at > 0 && text[at - 1] !== '\n';
  return spliced(text, at, at, `${needsLine ? newline : ''}${pair}${newline}`.replaceAll(/\r?\n/g, newline));
}

/** Takes the lines of a pair out of a block map; a map that would be left empty goes with it. */
function removePair(
  place: Place,
  path: readonly (string | number)[],
  map: YAMLMap<Node, Node | null>,
  pair: Pair<Node, Node | null>,
): string {
  if (map.items.length === 1 && path.length > 2) return set(place, path.slice(0, -1), undefined);
  const { text } = place;
  const from = lineStartBefore(text, startOf(pair.key));
  const to = lineEndAfter(text, Math.max(endOf(pair.key), pair.value === null ? 0 : endOf(pair.value)));
  if (text.slice(from, startOf(pair.key)).trim() !== '') throw new CannotSplice('a key does not begin its line');
  if (map.items.length === 1) return spliced(text, from, to, '');
  return text.slice(0, from) + text.slice(to);
}

/** Puts, adds or removes an item of a list that stands in lines of its own. */
function setItem(
  place: Place,
  path: readonly (string | number)[],
  list: YAMLSeq<Node | null>,
  index: number,
  value: PolicyEdit['value'],
): string {
  const { text, newline } = place;
  const item = list.items[index];
  const written = value === undefined ? '' : stepText(value);
  if (item === undefined || item === null) {
    const last = list.items.at(-1);
    if (value === undefined || last === undefined || last === null || index !== list.items.length)
      throw new CannotSplice('a list without this item');
    const dash = dashBefore(text, startOf(last));
    const at = lineEndAfter(text, endOf(last));
    const needsLine = at > 0 && text[at - 1] !== '\n';
    return spliced(
      text,
      at,
      at,
      `${needsLine ? newline : ''}${' '.repeat(columnOf(text, dash))}- ${written}${newline}`,
    );
  }
  if (isAlias(item) || item.anchor !== undefined) throw new CannotSplice('an alias or anchor stands there');
  if (value === undefined) {
    if (list.items.length === 1) return set(place, path.slice(0, -1), undefined);
    const dash = dashBefore(text, startOf(item));
    const from = lineStartBefore(text, dash);
    if (text.slice(from, dash).trim() !== '') throw new CannotSplice('a list begins beside something else');
    return text.slice(0, from) + text.slice(lineEndAfter(text, endOf(item)));
  }
  return spliced(text, startOf(item), endOf(item), text[endOf(item) - 1] === '\n' ? written + newline : written);
}

/** A step on one line: `proxy: { to: main }`. */
function stepText(value: Value): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return renderInline(value);
  return Object.entries(value)
    .map(([use, settings]) => `${renderInline(use)}: ${renderInline(settings as Value)}`)
    .join('');
}

/** What stands behind a colon: on the same line, or indented below it. */
function rendered(value: Value, below: number): string {
  const step = 2;
  const text = renderValue(value, step);
  if (!text.includes('\n') && !isBlock(value)) return ` ${text}`;
  return `\n${text
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(below) + line))
    .join('\n')}`;
}

/** Whether a value is written in lines of its own even where it has only one. */
function isBlock(value: Value): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const inner = Array.isArray(value) ? value : Object.values(value);
  return inner.some((part) => typeof part === 'object' && part !== null && !(Array.isArray(part) && !isBlock(part)));
}

/** Replaces part of a text. Lines that are written end as those of the file. */
function spliced(text: string, from: number, to: number, written: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  return text.slice(0, from) + written.replaceAll(/\r?\n/g, newline) + text.slice(to);
}

/** Where the text of a node begins. */
function startOf(node: Node): number {
  if (isMap<Node>(node) && node.flow !== true && node.items[0] !== undefined) return startOf(node.items[0].key);
  return node.range?.[0] ?? 0;
}

/** Where what is written of a node ends: comments behind it do not belong to it. */
function endOf(node: Node): number {
  if (isCollection(node) && node.flow !== true) {
    const ends = node.items.flatMap((item) => {
      if (isNode(item)) return [endOf(item)];
      const { key, value } = item as Pair<Node, Node | null>;
      return [endOf(key), ...(value === null ? [] : [endOf(value)])];
    });
    return Math.max(node.range?.[0] ?? 0, ...ends);
  }
  return node.range?.[1] ?? 0;
}

const lineStartBefore = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

/** After the end of the line in which a node ends; a block scalar ends with its line already. */
function lineEndAfter(text: string, end: number): number {
  if (end > 0 && text[end - 1] === '\n') return end;
  const at = text.indexOf('\n', end);
  return at < 0 ? text.length : at + 1;
}

const columnOf = (text: string, at: number): number => at - lineStartBefore(text, at);

function dashBefore(text: string, at: number): number {
  const dash = text.lastIndexOf('-', at - 1);
  if (dash < 0 || text.slice(dash + 1, at).trim() !== '') throw new CannotSplice('a list without dashes');
  return dash;
}

/** Spaces by which maps within a map are indented, as the file does it. */
function indentOf({ text }: Place, map: YAMLMap<Node, Node | null>): number {
  const column = map.items[0] === undefined ? 0 : columnOf(text, startOf(map.items[0].key));
  for (const { value } of map.items)
    if (isMap<Node, Node | null>(value) && value.flow !== true && value.items[0] !== undefined) {
      const inner = columnOf(text, startOf(value.items[0].key));
      if (inner > column) return inner - column;
    }
  return 2;
}

function indented(text: string, column: number): string {
  const [first = '', ...rest] = text.split('\n');
  return [first, ...rest.map((line) => (line === '' ? '' : ' '.repeat(column) + line))].join('\n');
}
