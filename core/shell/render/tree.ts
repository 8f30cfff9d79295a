import type { TreeNode, TreeView } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { cutToWidth } from '../format/width.ts';
import { cellText } from './cell.ts';
import { paint } from './paint.ts';
import type { TextStyle } from './text-style.ts';

const deepest = 64;

function renderNodes(nodes: readonly TreeNode[], indent: string, depth: number, style: TextStyle): string[] {
  if (depth > deepest) return [`${indent}…`];
  return nodes.flatMap((node, index) => {
    const isLast = index === nodes.length - 1;
    const branch = depth === 0 ? '' : isLast ? '└─ ' : '├─ ';
    const below = depth === 0 ? '' : isLast ? '   ' : '│  ';
    const label = safeText(node.label);
    const line = style.columns === null ? label : cutToWidth(label, Math.max(8, style.columns - indent.length - 3));
    const cell = node.detail === undefined ? null : cellText(node.detail, style);
    const detail = cell === null ? '' : `  ${paint(cell.text, cell.tone ?? 'quiet', style)}`;
    return [`${indent}${branch}${line}${detail}`, ...renderNodes(node.children, indent + below, depth + 1, style)];
  });
}

export function renderTree(view: TreeView, style: TextStyle): readonly string[] {
  if (view.roots.length === 0) return [paint(safeText(view.empty), 'quiet', style)];
  return renderNodes(view.roots, '', 0, style);
}
