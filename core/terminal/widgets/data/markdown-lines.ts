import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Style } from '../../contract.ts';
import { plain, quiet, repeat, safe, strong } from './label.ts';
import { type Line, type Span, wrapSpans } from './spans.ts';

const longestText = 1_000_000;
const mostLines = 20_000;
const longestLine = 16_384;

const code: Style = { fg: 'list.highlightForeground' };
const link: Style = { fg: 'textLink.foreground', underline: true };
const heading: Style = { bold: true, underline: true };
const rule = '─' as SafeText;
const quoteBar = '│ ' as SafeText;

/** What stands out within a line. Code keeps its marks: in mono they are all that tells a command from a sentence. */
const marked = /\*\*([^*]+)\*\*|(`[^`]+`)|\[([^[\]]*)\]\(([^()\s]*)\)|(?<![\w*])[*_]([^*_\s][^*_]*)[*_](?!\w)/g;

function inline(text: SafeText, base: Style): Line {
  const spans: Span[] = [];
  let at = 0;
  const add = (part: string | undefined, style: Style): void => {
    if (part !== undefined && part !== '') spans.push({ text: part as SafeText, style });
  };
  for (const match of text.matchAll(marked)) {
    const [whole, bold, coded, title, address, slanted] = match;
    add(text.slice(at, match.index), base);
    add(bold, { ...base, bold: true });
    add(coded, { ...base, ...code });
    add(slanted, { ...base, underline: true });
    if (address !== undefined) {
      add(title === '' ? address : title, { ...base, ...link });
      if (title !== '' && title !== address && address !== '') add(` (${address})`, { ...base, ...quiet });
    }
    at = match.index + whole.length;
  }
  add(text.slice(at), base);
  return spans;
}

/** A block with its sign before the first line and blanks before the others. */
function hanging(
  lead: SafeText,
  leadStyle: Style,
  body: Line,
  width: number,
  again: SafeText | null = null,
): readonly Line[] {
  const taken = displayWidth(lead);
  const rest = again ?? repeat(' ' as SafeText, taken);
  return wrapSpans(body, width - taken).map((line, index) => [
    { text: index === 0 ? lead : rest, style: leadStyle },
    ...line,
  ]);
}

function block(line: SafeText, width: number): readonly Line[] {
  const title = /^(#{1,6}) +(.*)$/.exec(line);
  if (title !== null) {
    const style = title[1] === '#' ? heading : strong;
    return wrapSpans(inline((title[2] ?? '') as SafeText, style), width);
  }
  if (/^ {0,3}([-*_])(?: *\1){2,} *$/.test(line)) return [[{ text: repeat(rule, Math.min(width, 60)), style: quiet }]];
  const quoted = /^ {0,3}> ?(.*)$/.exec(line);
  if (quoted !== null) return hanging(quoteBar, quiet, inline((quoted[1] ?? '') as SafeText, quiet), width, quoteBar);
  const item = /^( {0,12})([-*+]|\d{1,9}[.)]) +(?:\[([ xX])\] +)?(.*)$/.exec(line);
  if (item === null) {
    const [, indent = '', rest = ''] = /^( {0,12})(.*)$/.exec(line) ?? [];
    return hanging(indent as SafeText, plain, inline(rest as SafeText, plain), width);
  }
  const [, indent = '', mark = '', box, rest = ''] = item;
  const sign = /^\d/.test(mark) ? mark : '•';
  const check = box === undefined ? '' : box === ' ' ? '○ ' : '✓ ';
  return hanging(`${indent}${sign} ${check}` as SafeText, quiet, inline(rest as SafeText, plain), width);
}

/** Markdown as lines of so many columns: headings, lists, quotes, code, links as text. What it cannot show it shows as it is written. */
export function markdownLines(text: string, columns: number): readonly Line[] {
  const width = Math.max(1, columns);
  const lines: Line[] = [];
  let fence: string | null = null;
  for (const raw of String(text).slice(0, longestText).split(/\r?\n/, mostLines)) {
    const line = safeText(raw, longestLine);
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1] ?? null;
    if (mark !== null && (fence === null || mark.startsWith(fence))) {
      fence = fence === null ? mark.slice(0, 3) : null;
    } else if (fence !== null) {
      lines.push([{ text: safe`  ${line}`, style: code }]);
    } else {
      lines.push(...block(line, width));
    }
    if (lines.length > mostLines) break;
  }
  return lines;
}
