import type { View } from '@holdfast/api';
import { ChartWidget } from './chart-widget.ts';
import type { DataWidget, ViewEnv } from './data-widget.ts';
import { DetailWidget, detailOfForm } from './detail-widget.ts';
import { textOf } from './label.ts';
import { LogWidget } from './log-widget.ts';
import { MarkdownWidget } from './markdown-widget.ts';
import { TableWidget } from './table-widget.ts';
import { TreeWidget } from './tree-widget.ts';

export type FlatView = Exclude<View, { readonly kind: 'stack' }>;

/** A widget for one kind of view. */
export interface Part {
  readonly kind: FlatView['kind'];
  readonly widget: DataWidget;
  /** Shows new data; `view` is of this part's kind. */
  set(view: FlatView): void;
}

const part = <T extends DataWidget>(kind: Part['kind'], widget: T, set: (widget: T, view: FlatView) => void): Part => ({
  kind,
  widget,
  set: (view) => set(widget, view),
});

/** The widget that shows views of a kind. */
export function openPart({ kind }: FlatView, env: ViewEnv): Part {
  switch (kind) {
    case 'table':
      return part(kind, new TableWidget(env), (widget, view) => view.kind === 'table' && widget.set(view));
    case 'tree':
      return part(kind, new TreeWidget(env), (widget, view) => view.kind === 'tree' && widget.set(view));
    case 'detail':
      return part(kind, new DetailWidget(env), (widget, view) => view.kind === 'detail' && widget.set(view));
    case 'form':
      return part(
        kind,
        new DetailWidget(env),
        (widget, view) => view.kind === 'form' && widget.set(detailOfForm(view)),
      );
    case 'log':
      return part(kind, new LogWidget(env), (widget, view) => view.kind === 'log' && widget.set(view));
    case 'chart':
      return part(kind, new ChartWidget(env), (widget, view) => view.kind === 'chart' && widget.set(view));
    case 'markdown':
      return part(kind, new MarkdownWidget(env), (widget, view) => view.kind === 'markdown' && widget.set(view));
  }
  // A plugin for a later version may show what this one does not know.
  return part(kind, new MarkdownWidget(env), (widget) => {
    widget.set({ kind: 'markdown', title: '', text: `a view of kind ${textOf(kind, 40)} cannot be shown here` });
  });
}
