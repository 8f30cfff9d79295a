import type { View } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { renderChart } from './chart.ts';
import { renderDetail, renderForm } from './detail.ts';
import { renderLog } from './log.ts';
import { renderMarkdown } from './markdown.ts';
import { paint } from './paint.ts';
import { renderTable } from './table.ts';
import type { TextStyle } from './text-style.ts';
import { renderTree } from './tree.ts';

/** The body of one view; its title is the caller's. */
function body(view: Exclude<View, { kind: 'stack' }>, style: TextStyle): readonly string[] {
  switch (view.kind) {
    case 'table':
      return renderTable(view, style);
    case 'tree':
      return renderTree(view, style);
    case 'form':
      return renderForm(view, style);
    case 'detail':
      return renderDetail(view, style);
    case 'log':
      return renderLog(view, style);
    case 'markdown':
      return renderMarkdown(view, style);
    case 'chart':
      return renderChart(view, style);
    default:
      return [];
  }
}

function titled(title: string, style: TextStyle): readonly string[] {
  return title === '' ? [] : [paint(safeText(title), 'strong', style)];
}

/** Views of a stack, one below the other, each under its title; a stack within a stack is flattened. */
function flat(view: View, depth = 0): readonly Exclude<View, { kind: 'stack' }>[] {
  if (view.kind !== 'stack') return [view];
  return depth > 16 ? [] : view.views.flatMap((inner) => flat(inner, depth + 1));
}

/**
 * Draws a view as lines of text. Whatever the view says, no line holds a control character or reorders what is read; only colour is added.
 * A single table has no title, so that a pipe gets records and nothing else.
 */
export function renderView(view: View, style: TextStyle): readonly string[] {
  const views = flat(view);
  if (view.kind !== 'stack') {
    return view.kind === 'table' || view.kind === 'tree'
      ? body(view, style)
      : [...titled(view.title, style), ...body(view, style)];
  }
  const lines: string[] = [...titled(view.title, style)];
  for (const [index, inner] of views.entries()) {
    if (index > 0 || lines.length > 0) lines.push('');
    lines.push(...titled(inner.title, style), ...body(inner, style));
  }
  return lines;
}
