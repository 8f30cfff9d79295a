import { HoldfastError } from '@holdfast/api';
import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** libvirt's own domains have a few dozen kilobytes. */
export const mostXmlBytes = 1024 * 1024;
const mostDepth = 64;

/** An element of a parsed document: children by name, attributes by `@` and name, text under `#text`. */
export type Element = Readonly<Record<string, unknown>>;

const options = {
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  maxNestedTags: mostDepth,
  trimValues: true,
} as const;

/**
 * Parses a libvirt document. Entities of its own are refused, so that a small file cannot grow; those of XML itself are left
 * as they are and decoded by `textOf`.
 * @throws `CONFIG_INVALID`
 */
export function parseXml(text: string): Element {
  refuseMisleading(text);
  try {
    const document: unknown = new XMLParser({ ...options, isArray: (name) => name === 'disk' }).parse(text);
    if (isElement(document)) return document;
  } catch (cause) {
    throw unreadable(cause instanceof Error ? cause.message : 'it does not parse', cause);
  }
  throw unreadable('it is empty');
}

/** Refuses what no libvirt writes and only an attacker would. */
export function refuseMisleading(text: string): void {
  if (text.length > mostXmlBytes) throw unreadable('it is larger than 1 MiB');
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw unreadable('it declares entities');
  if (depthOf(text) > mostDepth) throw unreadable(`it is nested more than ${mostDepth} deep`);
  const verdict = XMLValidator.validate(text);
  if (verdict !== true) throw unreadable(`line ${verdict.err.line}: ${verdict.err.msg}`);
}

/** Counts without recursion, before a parser that may use it sees the text. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [tag] of text.matchAll(/<[^!?>][^>]*>/g)) {
    if (tag.startsWith('</')) depth -= 1;
    else if (!tag.endsWith('/>')) deepest = Math.max(deepest, ++depth);
  }
  return deepest;
}

/** A child element; `undefined` when there is none, or several. */
export function childOf(element: Element | undefined, name: string): Element | undefined {
  const child = element !== undefined && Object.hasOwn(element, name) ? element[name] : undefined;
  if (isElement(child)) return child;
  return typeof child === 'string' ? { '#text': child } : undefined;
}

export function childrenOf(element: Element | undefined, name: string): readonly Element[] {
  const children = element !== undefined && Object.hasOwn(element, name) ? element[name] : undefined;
  return Array.isArray(children) ? children.filter(isElement) : [];
}

/** The text of an element, decoded. */
export function textOf(element: Element | undefined): string | undefined {
  const text = element?.['#text'];
  return typeof text === 'string' ? decode(text) : undefined;
}

/** An attribute, decoded. */
export function attributeOf(element: Element | undefined, name: string): string | undefined {
  const value = element?.[`@${name}`];
  return typeof value === 'string' ? decode(value) : undefined;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return named[String(name).toLowerCase()] ?? whole;
    const code = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

export function encode(text: string): string {
  const replaced: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  return text.replace(/[&<>"']/g, (character) => replaced[character] ?? character);
}

function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(why: string, cause?: unknown): HoldfastError {
  return new HoldfastError('CONFIG_INVALID', `its domain XML cannot be read: ${why}`, {
    remedy: 'correct the file, for example with `virsh dumpxml`',
    cause,
  });
}
