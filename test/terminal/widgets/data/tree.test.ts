import type { TreeNode, TreeView } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { TreeWidget } from '../../../../core/terminal/widgets/data/tree-widget.ts';
import { env, frame, point, press, rows } from './draw.ts';
import { inventory } from './examples.ts';

function tree(view: TreeView = inventory, given = env()): TreeWidget {
  const widget = new TreeWidget(given);
  widget.set(view);
  frame(widget, 60, 20);
  return widget;
}

const lines = (widget: TreeWidget, height = 20): string[] => rows(widget, 60, height).filter((line) => line !== '');

describe('a tree', () => {
  it('shows the first two levels, and how much is below what is folded', () => {
    expect(lines(tree()).slice(0, 3)).toEqual(['Inventory', '▌ ▾ vcenter-lon  12', '    ▸ cluster-1']);
  });

  it('unfolds with right, goes in with right again, out with left, and folds with left again', () => {
    const widget = tree();
    press(widget, 'down', 'right');
    expect(widget.row).toBe('vcenter-lon-0');
    expect(lines(widget)).toContain('        web-0  ● protected');
    press(widget, 'right');
    expect(widget.row).toBe('vcenter-lon-0-0');
    press(widget, 'left');
    expect(widget.row).toBe('vcenter-lon-0');
    press(widget, 'left');
    expect(lines(widget)).not.toContain('        web-0  ● protected');
    press(widget, 'left');
    expect(widget.row).toBe('vcenter-lon');
  });

  it('finds what is folded, each below what it belongs to, and folds up again with escape', () => {
    const widget = tree();
    press(widget, '/', '"mail"');
    expect(lines(widget).filter((line) => line.includes('mail'))).toHaveLength(7);
    expect(lines(widget)[1]).toContain('vcenter-lon');
    expect(lines(widget)[0]).toContain('/ mail');
    press(widget, 'enter', 'escape');
    expect(lines(widget).join('\n')).not.toContain('mail');
  });

  it('finds by what stands beside a name too', () => {
    const widget = tree();
    press(widget, '/', '"missed"');
    expect(lines(widget).filter((line) => line.includes('✗ RPO missed')).length).toBeGreaterThan(0);
    expect(lines(widget).join('\n')).not.toContain('unprotected');
  });

  it('keeps what is open and what is selected when new data comes', () => {
    const widget = tree();
    press(widget, 'down', 'right', 'down');
    const extra: TreeNode = { id: 'a-new-one', label: 'a-new-one', children: [] };
    widget.set({ ...inventory, roots: [extra, ...inventory.roots] });
    expect(widget.row).toBe('vcenter-lon-0-0');
    expect(lines(widget)).toContain('▌       web-0  ● protected');
  });

  it('opens a leaf with enter, and unfolds what has something below it', () => {
    const desk = env();
    const widget = tree(inventory, desk);
    press(widget, 'down', 'enter', 'down', 'enter');
    expect(desk.opened).toEqual(['vcenter-lon-0-0']);
  });

  it('folds with a click on its sign and selects with a click on its name', () => {
    const widget = tree();
    point(widget, 'press', 8, 2);
    expect(widget.row).toBe('vcenter-lon-0');
    expect(lines(widget).join('\n')).not.toContain('web-0');
    point(widget, 'press', 4, 2);
    expect(lines(widget).join('\n')).toContain('web-0');
  });

  it('comes back in another session as it was', () => {
    const widget = tree();
    press(widget, 'left', 'down', 'right', 'down');
    const next = new TreeWidget(env());
    next.restore(JSON.parse(JSON.stringify(widget.state())));
    next.set(inventory);
    expect(lines(next)).toEqual(lines(widget));
  });

  it('says what is missing where there is nothing', () => {
    const widget = tree({ ...inventory, roots: [] });
    expect(lines(widget)[1]).toBe('  no endpoint yet: `holdfast endpoint add` adds one');
  });
});

describe('a tree that is too big', () => {
  const deep = (depth: number): TreeNode => ({
    id: 'd',
    label: `level ${depth}`,
    children: depth === 0 ? [] : [deep(depth - 1)],
  });

  it('ends at a depth that nobody reads, and the beginning of each name stays in sight', () => {
    const widget = tree({ ...inventory, title: '', roots: [deep(500)] });
    press(widget, '/', '"level"');
    press(widget, 'end');
    const [last = ''] = lines(widget).slice(-1);
    expect(last).toMatch(/level 436 +▐$/);
  });

  it('that goes round in a circle does not hang', () => {
    const node = { id: 'loop', label: 'loop', children: [] as TreeNode[] };
    node.children.push(node, node);
    const widget = tree({ ...inventory, title: '', roots: [node] });
    press(widget, '/', '"nothing like it"');
    expect(lines(widget).length).toBeGreaterThan(0);
  });

  it('costs nothing below what is folded', () => {
    let looked = 0;
    const children = (): readonly TreeNode[] => {
      looked += 1;
      return Array.from({ length: 50 }, (_, at) => ({
        id: `n${at}`,
        label: `n${at}`,
        get children() {
          return children();
        },
      }));
    };
    const widget = tree({
      ...inventory,
      roots: [
        {
          id: 'root',
          label: 'root',
          get children() {
            return children();
          },
        },
      ],
    });
    looked = 0;
    press(widget, 'down', 'down', 'down');
    frame(widget, 60, 20);
    expect(looked).toBe(0);
    press(widget, 'right');
    expect(looked).toBeLessThan(10_000);
  });
});
