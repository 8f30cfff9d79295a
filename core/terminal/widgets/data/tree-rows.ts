import type { TreeNode } from '@holdfast/api';
import { labelOf } from './label.ts';

/** A node as a row: where it stands, and whether something is below it. */
export interface TreeRow {
  readonly node: TreeNode;
  /** Ids from the root down: the same id may stand in several places. */
  readonly path: string;
  /** Row of the node above it; -1 for a root. */
  readonly parent: number;
  readonly depth: number;
  readonly hasChildren: boolean;
  readonly isOpen: boolean;
}

export const deepest = 64;
const mostRows = 100_000;
/** A filter is typed: with more than this each letter would be waited for. */
const mostLookedAt = 50_000;

export const pathOf = (above: string, id: string): string => `${above}\u0000${id}`;

const childrenOf = (node: TreeNode, depth: number): readonly TreeNode[] =>
  depth >= deepest || !Array.isArray(node.children) ? [] : node.children;

/** The rows of a tree of which some nodes are open. Closed nodes cost nothing, whatever is below them. */
export function openRows(
  roots: readonly TreeNode[],
  isOpen: (path: string, depth: number) => boolean,
): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (nodes: readonly TreeNode[], above: string, parent: number, depth: number): void => {
    for (const node of nodes) {
      if (rows.length >= mostRows) return;
      const path = pathOf(above, node.id);
      const children = childrenOf(node, depth);
      const isNodeOpen = children.length > 0 && isOpen(path, depth);
      rows.push({ node, path, parent, depth, hasChildren: children.length > 0, isOpen: isNodeOpen });
      if (isNodeOpen) add(children, path, rows.length - 1, depth + 1);
    }
  };
  add(roots, '', -1, 0);
  return rows;
}

/** The rows of a tree in which a word occurs, each below what it belongs to. */
export function foundRows(roots: readonly TreeNode[], filter: string, now: number): readonly TreeRow[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const rows: TreeRow[] = [];
  let looked = 0;
  const matches = (node: TreeNode): boolean => {
    const detail = node.detail === undefined ? '' : labelOf(node.detail, now).text;
    const text = `${node.label} ${detail}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  /** Answers whether anything was found; the rows of what was not are taken back. */
  const add = (nodes: readonly TreeNode[], above: string, parent: number, depth: number): boolean => {
    let isAny = false;
    for (const node of nodes) {
      if (rows.length >= mostRows || ++looked > mostLookedAt) return isAny;
      const path = pathOf(above, node.id);
      const at = rows.length;
      const children = childrenOf(node, depth);
      rows.push({ node, path, parent, depth, hasChildren: children.length > 0, isOpen: false });
      const isBelow = add(children, path, at, depth + 1);
      if (isBelow) rows[at] = { node, path, parent, depth, hasChildren: true, isOpen: true };
      else if (!matches(node)) rows.length = at;
      isAny ||= rows.length > at;
    }
    return isAny;
  };
  add(roots, '', -1, 0);
  return rows;
}
