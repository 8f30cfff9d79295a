/** Something that a list offers. */
export interface PickItem {
  readonly id: string;
  readonly title: string;
  /** Dim behind the title; looked through too. */
  readonly detail?: string;
  /** A key that does the same, as bindings are written. */
  readonly key?: string;
  /** Why it cannot be chosen here and now. */
  readonly refused?: string | null;
  /** Heading under which it stands while nothing is typed: `recent`, `machines`. */
  readonly group?: string;
}
