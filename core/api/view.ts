import type { Plain } from './call.ts';

/**
 * View models: what a command or a plugin shows, as data. The shell draws them in the workbench, prints them as text
 * for a terminal, a pipe or a screen reader, and hands them out as JSON. Strings are text, never escape sequences.
 */
export type View = TableView | TreeView | FormView | DetailView | LogView | MarkdownView | ChartView | StackView;

/** What a value means, so that each front can show it in its own way and always the same. */
export type Cell =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'state'; readonly text: string; readonly tone: Tone }
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'ratio'; readonly ratio: number }
  | { readonly kind: 'duration'; readonly ms: number }
  | { readonly kind: 'time'; readonly at: number }
  | { readonly kind: 'none' };

/** Colour carries meaning only; every tone also has a sign, so that mono works. */
export type Tone = 'good' | 'risk' | 'bad' | 'active' | 'quiet';

export interface Column {
  readonly key: string;
  readonly title: string;
  /** Default is `left`; numbers are `right`. */
  readonly align?: 'left' | 'right';
  /** Columns of low priority go first where room is short. Default is 1; 0 always stays. */
  readonly priority?: number;
}

export interface TableView {
  readonly kind: 'table';
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly TableRow[];
  /** Shown instead of an empty table: what is missing and the command that adds it. */
  readonly empty: string;
}

export interface TableRow {
  /** What a command takes as its argument for this row. */
  readonly id: string;
  readonly cells: Readonly<Record<string, Cell>>;
  /** What Enter does with this row, where it is not what the view says. */
  readonly open?: { readonly command: string; readonly args: Readonly<Record<string, Plain>> };
}

export interface TreeNode {
  readonly id: string;
  readonly label: string;
  readonly detail?: Cell;
  readonly children: readonly TreeNode[];
}

export interface TreeView {
  readonly kind: 'tree';
  readonly title: string;
  readonly roots: readonly TreeNode[];
  readonly empty: string;
}

/** A form made from a JSON schema; `command` gets its values as arguments. */
export interface FormView {
  readonly kind: 'form';
  readonly title: string;
  readonly command: string;
  readonly schema: JsonSchema;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface DetailView {
  readonly kind: 'detail';
  readonly title: string;
  readonly fields: readonly { readonly key: string; readonly title: string; readonly value: Cell }[];
}

export interface LogView {
  readonly kind: 'log';
  readonly title: string;
  readonly lines: readonly {
    readonly at: number;
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly text: string;
  }[];
}

export interface MarkdownView {
  readonly kind: 'markdown';
  readonly title: string;
  readonly text: string;
}

export interface ChartView {
  readonly kind: 'chart';
  readonly title: string;
  /** `timeline`: x are epoch milliseconds, each point an event. `heat`: one row for each series, x counts cells, y is 0 (well) to 1 (ill). */
  readonly form: 'line' | 'bar' | 'timeline' | 'heat';
  readonly unit: 'bytes' | 'count' | 'ms' | 'ratio';
  readonly series: readonly {
    readonly title: string;
    readonly points: readonly ChartPoint[];
  }[];
}

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  /** What the point stands for, as a command takes it: a restore point, a run. */
  readonly id?: string;
  readonly tone?: Tone;
  /** Told when the point is chosen: `verified`, `locked until 2027-02-20`. */
  readonly notes?: readonly string[];
}

/** Several views, one below the other. */
export interface StackView {
  readonly kind: 'stack';
  readonly title: string;
  readonly views: readonly View[];
}

/** A JSON schema, draft 2020-12, of the subset that a form can show. */
export type JsonSchema = { readonly [key: string]: unknown };
