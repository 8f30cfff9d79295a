import type { KeybindingDeclaration, RowAction, ViewDeclaration } from '@holdfast/api';

/** A key, where it works, what it does, and whose it is. */
export interface KeyRow {
  readonly key: string;
  /** Id of the view in which it works; `null` for everywhere. */
  readonly view: string | null;
  readonly when: string | null;
  readonly title: string;
  readonly command: string;
  /** `Holdfast`, or the name of the plugin. */
  readonly owner: string;
}

/** A key that two claim at the same place. The first one has it. */
export interface KeyConflict {
  readonly key: string;
  readonly view: string | null;
  readonly winner: KeyRow;
  readonly losers: readonly KeyRow[];
}

const ofView = (view: ViewDeclaration, owner: string): readonly KeyRow[] =>
  [view.open === undefined ? [] : [{ ...view.open, key: view.open.key ?? 'enter' }], view.actions ?? []]
    .flat()
    .filter((action): action is RowAction & { readonly key: string } => action.key !== undefined)
    .map(({ key, title, command }) => ({ key, view: view.id, when: null, title, command, owner }));

/** Whoever contributes keys. */
export interface KeySource {
  readonly owner: string;
  readonly views: readonly ViewDeclaration[];
  readonly bindings: readonly KeybindingDeclaration[];
}

/** All keys, in the order in which they are served: those of the first source first. */
export function allKeys(sources: readonly KeySource[]): readonly KeyRow[] {
  return sources.flatMap(({ owner, views, bindings }) => [
    ...bindings.map(({ key, command, when }) => ({
      key,
      view: null,
      when: when ?? null,
      title: command.replaceAll('.', ' '),
      command,
      owner,
    })),
    ...views.flatMap((view) => ofView(view, owner)),
  ]);
}

/**
 * Keys that are claimed more than once at the same place and in the same context. A key of two beats, `g m`, also meets one that is its first beat.
 */
export function keyConflicts(rows: readonly KeyRow[]): readonly KeyConflict[] {
  const conflicts: KeyConflict[] = [];
  const seen: KeyRow[] = [];
  for (const row of rows) {
    const winner = seen.find((other) => isSamePlace(other, row) && clash(other.key, row.key));
    if (winner === undefined) {
      seen.push(row);
      continue;
    }
    const at = conflicts.findIndex((one) => one.winner === winner);
    const known = conflicts[at];
    const losers = [...(known?.losers ?? []), row];
    const conflict = { key: winner.key, view: winner.view, winner, losers };
    if (known === undefined) conflicts.push(conflict);
    else conflicts[at] = conflict;
  }
  return conflicts;
}

const isSamePlace = (a: KeyRow, b: KeyRow): boolean => a.view === b.view && a.when === b.when;
const clash = (a: string, b: string): boolean => a === b || a.startsWith(`${b} `) || b.startsWith(`${a} `);
