import { HoldfastError } from '@holdfast/api';

/** libvirt's own domains have a few dozen kilobytes. */
export const mostXmlBytes = 1024 * 1024;
const mostDepth = 64;

/** An element of a document. */
export interface Element {
  readonly name: string;
  /** Decoded. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  /** All text directly inside of it, decoded, without blanks at either end. */
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: Element[];
  text: string;
}

// Each matches at one place only and never looks back, so that the time is in proportion to the text.
const nameShape = '[\\p{L}_][\\p{L}\\p{N}_.:-]*';
const skipped = /<!--.*?-->|<\?.*?\?>/sy;
const cdata = /<!\[CDATA\[(.*?)\]\]>/sy;
const endTag = new RegExp(`</(${nameShape})\\s*>`, 'uy');
const startTag = new RegExp(`<(${nameShape})`, 'uy');
const attribute = new RegExp(`\\s+(${nameShape})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'uy');
const tagEnd = /\s*(\/?)>/y;
const characters = /[^<]+/y;

/**
 * Reads a document of the small part of XML that libvirt writes. Small on purpose: it starts in no time, is bounded, and has
 * nothing that could be turned against it. Declarations of entities and document types are refused, not skipped.
 * @throws `CONFIG_INVALID` when it is not well-formed, larger than 1 MiB or nested more than 64 deep.
 */
export function parseXml(text: string): Element {
  if (text.length > mostXmlBytes) throw unreadable('it is larger than 1 MiB');
  let at = text.startsWith('\ufeff') ? 1 : 0;
  const open: OpenElement[] = [{ name: '', attributes: new Map(), children: [], text: '' }];
  const take = (shape: RegExp): RegExpExecArray | null => {
    shape.lastIndex = at;
    const found = shape.exec(text);
    if (found !== null) at = shape.lastIndex;
    return found;
  };
  const fail = (why: string): HoldfastError => unreadable(`line ${text.slice(0, at).split('\n').length}: ${why}`);
  while (at < text.length) {
    const top = open.at(-1);
    if (top === undefined) throw fail('an end without a beginning');
    let found = take(characters);
    if (found !== null) {
      top.text += decode(found[0]);
      continue;
    }
    if (take(skipped) !== null) continue;
    found = take(cdata);
    if (found !== null) {
      top.text += found[1] ?? '';
      continue;
    }
    found = take(endTag);
    if (found !== null) {
      open.pop();
      const above = open.at(-1);
      if (above === undefined || found[1] !== top.name) throw fail(`</${found[1]}> ends nothing`);
      above.children.push({ ...top, text: top.text.trim() });
      continue;
    }
    found = take(startTag);
    if (found === null)
      throw fail(text.startsWith('<!', at) ? 'a declaration, which is not allowed' : 'a tag that is broken');
    const element: OpenElement = {
      name: found[1] ?? '',
      attributes: takeAttributes(take, fail),
      children: [],
      text: '',
    };
    const end = take(tagEnd);
    if (end === null) throw fail(`<${element.name} is broken`);
    if (end[1] === '/') top.children.push(element);
    else if (open.push(element) > mostDepth + 1) throw fail(`it is nested more than ${mostDepth} deep`);
  }
  const [document, ...unfinished] = open;
  if (unfinished.length > 0) throw fail(`<${unfinished.at(-1)?.name}> has no end`);
  const [root, ...others] = document?.children ?? [];
  if (root === undefined || others.length > 0 || document?.text.trim() !== '')
    throw unreadable('it is not one document');
  return root;
}

function takeAttributes(
  take: (shape: RegExp) => RegExpExecArray | null,
  fail: (why: string) => HoldfastError,
): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (let found = take(attribute); found !== null; found = take(attribute)) {
    const name = found[1] ?? '';
    if (attributes.has(name)) throw fail(`${name} is there twice`);
    attributes.set(name, decode(found[2] ?? found[3] ?? ''));
  }
  return attributes;
}

/** The first child of a name. */
export function childOf(element: Element | undefined, name: string): Element | undefined {
  return element?.children.find((child) => child.name === name);
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Decodes the references of XML itself; any other stays as it is written. */
function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return named[String(name)] ?? whole;
    const code = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
    return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
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

function unreadable(why: string): HoldfastError {
  return new HoldfastError('CONFIG_INVALID', `its domain XML cannot be read: ${why}`, {
    remedy: 'correct the file, for example with `virsh dumpxml`',
  });
}
