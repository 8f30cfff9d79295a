import type { MarkdownView } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { wrapToWidth } from '../format/width.ts';
import { paint } from './paint.ts';
import type { TextStyle } from './text-style.ts';

const mostLines = 100_000;
const longestLine = 65_536;

/** Bold and code lose their marks where they can be painted, and keep them where they cannot. */
function inline(line: string, style: TextStyle): string {
  if (!style.colour) return line.replace(/\*\*([^*]+)\*\*/g, '$1');
  return line.replace(/\*\*([^*]+)\*\*/g, (_, bold: string) => paint(bold, 'strong', style));
}

function block(line: string, style: TextStyle): readonly string[] {
  const heading = /^#{1,6} +(.*)$/.exec(line);
  if (heading !== null) return [paint(heading[1] ?? '', 'strong', style)];
  const [, indent = '', mark = '', rest = ''] = /^( *)((?:[-*] |\d+\. )?)(.*)$/.exec(line) ?? [];
  const bullet = mark === '- ' || mark === '* ' ? '• ' : mark;
  const lead = indent + bullet;
  if (style.columns === null) return [lead + inline(rest, style)];
  const lines = wrapToWidth(rest, Math.max(20, style.columns - lead.length));
  return lines.map((part, index) => (index === 0 ? lead : ' '.repeat(lead.length)) + inline(part, style));
}

/** Markdown, as far as a terminal can show it: headings, lists, bold, code as it is written. */
export function renderMarkdown(view: MarkdownView, style: TextStyle): readonly string[] {
  let isCode = false;
  return view.text.split(/\r?\n/, mostLines).flatMap((raw) => {
    const line = safeText(raw, longestLine);
    if (line.startsWith('```')) {
      isCode = !isCode;
      return [];
    }
    return isCode ? [style.columns === null ? line : `  ${line}`] : block(line, style);
  });
}
