import type { Plain } from '@holdfast/api';
import type { Widget } from '../../contract.ts';
import type { Hint } from '../../workbench/contract.ts';

/** What a widget that shows data is given. */
export interface ViewEnv {
  now(): number;
  /** Draws a frame soon. */
  invalidate(): void;
  /** A row, a node or a point was opened; `id` is what a command takes. */
  onOpen?(id: string): void;
}

/** A widget that shows data of one kind. What a person chose in it stays when new data comes. */
export interface DataWidget extends Widget {
  /** What the selected row stands for, as a command takes it; `null` where nothing is selected. */
  readonly row: string | null;
  /** Marked rows, in no order; empty where nothing can be marked. */
  readonly marked: readonly string[];
  /** Whether keys are being typed into a line of the widget: then none of them is a shortcut. */
  readonly isTyping: boolean;
  /** Whether keys mean anything here, so that focus may come. */
  readonly wantsFocus: boolean;
  hints(): readonly Hint[];
  /** Rows in which all of it could be seen at this width. */
  heightFor(width: number): number;
  state(): Plain;
  /** Takes up what `state` answered, in this session or an earlier one. What does not fit any more is left out. */
  restore(state: Plain): void;
}
