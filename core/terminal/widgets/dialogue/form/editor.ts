import type { Plain } from '@holdfast/api';
import type { SafeText } from '../../../../model/text/safe-text.ts';
import type { Key, Mouse, Surface } from '../../../contract.ts';

/** Edits the value of one field. Holds what was typed as it was typed, whether it fits or not. */
export interface Editor {
  /** `undefined` while nothing is given, so that the default counts. */
  readonly value: Plain;
  load(value: Plain): void;
  /** What choices are looked for by; `null` where none are offered. */
  readonly query: string | null;
  /** Takes a choice that was offered. */
  accept(value: string): void;
  /** Answers whether the key meant something here. */
  key(key: Key): boolean;
  paste(text: string): boolean;
  mouse(event: Mouse): void;
  /** The focus comes, from above or from below. */
  enter(from: 'above' | 'below'): void;
  /** The focus goes elsewhere: what was begun is taken as it stands. */
  leave(): void;
  readonly rows: number;
  /** Row on which the cursor is. */
  readonly row: number;
  /** @param isCurrent The field is the one that is edited; `isFocused` also that keys come here. */
  draw(surface: Surface, isCurrent: boolean, isFocused: boolean): void;
  hints(): readonly { readonly key: string; readonly title: SafeText }[];
}
