import type { TreeNode, View } from '@holdfast/api';
import { safeText } from '../../../model/text/safe-text.ts';
import { formatCount } from '../../../shell/format/numbers.ts';
import type { Key, Mouse, Surface, Widget } from '../../contract.ts';
import { ViewWidget } from '../../widgets/data/view-widget.ts';
import type { Hint, Page } from '../contract.ts';
import { ViewPage } from '../pages/view-page.ts';
import { cut } from './line.ts';

const shownRows = 500;

/** What the side bar shows and does. */
export interface SideBarParts {
  now(): number;
  invalidate(): void;
  /** Name of the activity. */
  title(): string;
  views(): readonly Page[];
  opened(): readonly Page[];
  onPage(id: string): void;
  onRow(page: ViewPage, row: string): void;
}

type Row = Extract<View, { kind: 'table' }>['rows'][number];

const nameOf = (row: Row): string => {
  const first = Object.values(row.cells).find((cell) => cell.kind === 'text' || cell.kind === 'state');
  return first !== undefined && 'text' in first ? first.text : row.id;
};

/** Rows as a tree: `lab/web-07` stands below `lab`. */
function rowNodes(page: string, rows: readonly Row[]): readonly TreeNode[] {
  const node = (row: Row): TreeNode => ({ id: `row ${page} ${row.id}`, label: nameOf(row), children: [] });
  const groups = Map.groupBy(rows.slice(0, shownRows), ({ id }) =>
    id.includes('/') ? id.slice(0, id.indexOf('/')) : '',
  );
  const more: TreeNode[] =
    rows.length > shownRows
      ? [{ id: `more ${page}`, label: `… ${formatCount(rows.length - shownRows)} more: ^P finds them`, children: [] }]
      : [];
  if (groups.size < 2) return [...rows.slice(0, shownRows).map(node), ...more];
  const grouped = [...groups].map(([name, inside]) => ({
    id: `group ${page} ${name}`,
    label: name === '' ? 'others' : name,
    detail: { kind: 'count' as const, count: inside.length },
    children: inside.map(node),
  }));
  return [...grouped, ...more];
}

function pageNode(page: Page): TreeNode {
  const view = page instanceof ViewPage ? page.view : null;
  const rows = view?.kind === 'table' ? view.rows : [];
  return {
    id: `page ${page.id}`,
    label: page.title(),
    ...(rows.length === 0 ? {} : { detail: { kind: 'count' as const, count: rows.length } }),
    children: rowNodes(page.id, rows),
  };
}

/** The tree beside the page: views of this activity with what is in them, and what else is open. */
export class SideBar implements Widget {
  readonly #parts: SideBarParts;
  readonly #tree: ViewWidget;
  #shown: readonly unknown[] = [];

  constructor(parts: SideBarParts) {
    this.#parts = parts;
    this.#tree = new ViewWidget({
      now: () => parts.now(),
      invalidate: () => parts.invalidate(),
      onOpen: (id) => this.#open(id),
    });
  }

  hints(): readonly Hint[] {
    return [...this.#tree.hints(), { key: 'escape', title: safeText('back') }];
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { width, height } = surface;
    surface.fill(0, 0, width, height, { fg: 'sideBar.foreground', bg: 'sideBar.background' });
    const title = cut(safeText(this.#parts.title()), width - 3);
    surface.text(1, 0, title, {
      fg: 'sideBarTitle.foreground',
      bg: 'sideBar.background',
      bold: true,
      underline: isFocused,
    });
    surface.fill(width - 1, 0, 1, height, { fg: 'panel.border', bg: 'sideBar.background' }, safeText('│'));
    this.#refill();
    this.#tree.draw(surface.area(0, 1, width - 1, height - 1), isFocused);
  }

  key(key: Key): boolean {
    return this.#tree.key?.(key) === true;
  }

  mouse(event: Mouse): boolean {
    return this.#tree.mouse?.({ ...event, y: event.y - 1 }) === true;
  }

  /** Makes the tree anew when what it is made of is another. */
  #refill(): void {
    const views = this.#parts.views();
    const opened = this.#parts.opened();
    const made = [...views, ...views.map((page) => (page instanceof ViewPage ? page.view : null)), null, ...opened];
    if (made.length === this.#shown.length && made.every((one, index) => one === this.#shown[index])) return;
    this.#shown = made;
    const open: TreeNode = {
      id: 'opened',
      label: 'Open',
      children: opened.map((page) => ({ id: `page ${page.id}`, label: page.title(), children: [] })),
    };
    this.#tree.set({
      kind: 'tree',
      title: '',
      roots: [...views.map(pageNode), ...(opened.length === 0 ? [] : [open])],
      empty: '…',
    });
  }

  #open(id: string): void {
    const [kind = '', page = '', ...rest] = id.split(' ');
    if (kind === 'page') this.#parts.onPage(id.slice('page '.length));
    if (kind !== 'row') return;
    const found = this.#parts.views().find((one) => one.id === page);
    if (found instanceof ViewPage) this.#parts.onRow(found, rest.join(' '));
  }
}
