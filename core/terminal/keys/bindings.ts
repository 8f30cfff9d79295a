import type { Plain } from '@holdfast/api';
import type { Binding, Removal } from './binding.ts';
import { type Conflict, findConflicts } from './conflicts.ts';
import { keyName } from './key-name.ts';
import type { Context } from './when.ts';

/** Where bindings come from. Own ones stand in the order of their file. */
export interface BindingLayers {
  readonly builtIn: readonly Binding[];
  readonly plugins: readonly Binding[];
  readonly own: readonly (Binding | Removal)[];
}

/** What a key means. `waits`: the first of two in a row; `by` are the bindings that the second one may choose from. */
export type Resolution =
  | { readonly kind: 'runs'; readonly binding: Binding }
  | { readonly kind: 'waits'; readonly by: readonly Binding[] }
  | { readonly kind: 'none' };

/** A binding of a key as the inspector shows it. */
export interface Claim {
  readonly binding: Binding;
  /** Its condition holds here and now. */
  readonly holds: boolean;
  /** It is the one that the key runs here and now. */
  readonly runs: boolean;
}

const none: Resolution = { kind: 'none' };
const isBinding = (entry: Binding | Removal): entry is Binding => 'layer' in entry;
const isRemoval = (entry: Binding | Removal): entry is Removal => !isBinding(entry);
const sameKeys = (a: readonly string[], b: readonly string[]): boolean => a.join(' ') === b.join(' ');

const removes = (removal: Removal, binding: Binding): boolean =>
  removal.command === binding.command &&
  (removal.keys === null || sameKeys(removal.keys, binding.keys)) &&
  (removal.when === null || removal.when === binding.when?.text);

/** Best first: own ones from the end of their file, then those of plugins, then built-in ones, each as they came. */
function ranked({ builtIn, plugins, own }: BindingLayers): readonly Binding[] {
  const removals = own.filter(isRemoval);
  const lower = [...plugins, ...builtIn].filter((binding) => !removals.some((removal) => removes(removal, binding)));
  const mine: Binding[] = [];
  for (const [index, entry] of own.entries()) {
    if (!isBinding(entry)) continue;
    const later = own.slice(index + 1).filter(isRemoval);
    if (!later.some((removal) => removes(removal, entry))) mine.unshift(entry);
  }
  return [...mine, ...lower];
}

/**
 * Which command a key runs, decided for each key by itself: what a person wrote goes first, then plugins, then what is built in; in a person's file
 * the later line, elsewhere the earlier one. Never fails: what loses is listed by `conflicts`.
 */
export class Bindings {
  /** All that can take effect, best first. */
  readonly all: readonly Binding[];
  readonly #byFirst = new Map<string, Binding[]>();
  #conflicts: readonly Conflict[] | null = null;

  constructor(layers: BindingLayers) {
    this.all = ranked(layers);
    for (const binding of this.all) {
      const [first = ''] = binding.keys;
      const list = this.#byFirst.get(first);
      if (list === undefined) this.#byFirst.set(first, [binding]);
      else list.push(binding);
    }
  }

  /** @param keys What was pressed: one name, or two in a row. */
  resolve(keys: readonly string[], context: Context): Resolution {
    const [first = '', second] = keys.map(keyName);
    const holding = this.#holding(first, context);
    const [best] = holding;
    if (best === undefined) return none;
    if (second === undefined) {
      if (best.keys.length === 1) return { kind: 'runs', binding: best };
      return { kind: 'waits', by: holding.filter((binding) => binding.keys.length === 2) };
    }
    const chosen = holding.find((binding) => binding.keys[1] === second);
    return chosen === undefined ? none : { kind: 'runs', binding: chosen };
  }

  /** The keys that run a command here and now, best first, for menus and hints; `null` when there are none. With `args`: only a binding with the same ones. */
  keyOf(command: string, context: Context, args?: Readonly<Record<string, Plain>>): string | null {
    const wanted = args === undefined ? null : JSON.stringify(args);
    for (const binding of this.all) {
      if (binding.command !== command || (wanted !== null && JSON.stringify(binding.args) !== wanted)) continue;
      if (this.#reaches(binding, context)) return binding.keys.join(' ');
    }
    return null;
  }

  /** Who wants these keys, best first: "what will this key do". */
  claims(keys: readonly string[], context: Context): readonly Claim[] {
    const [first = '', second] = keys.map(keyName);
    return (this.#byFirst.get(first) ?? [])
      .filter((binding) => second === undefined || binding.keys[1] === second)
      .map((binding) => ({
        binding,
        holds: binding.when?.evaluate(context) ?? true,
        runs: this.#reaches(binding, context),
      }));
  }

  /** Where two want the same key at the same moment. */
  conflicts(): readonly Conflict[] {
    this.#conflicts ??= findConflicts([...this.#byFirst.values()]);
    return this.#conflicts;
  }

  #holding(first: string, context: Context): readonly Binding[] {
    return (this.#byFirst.get(first) ?? []).filter(({ when }) => when?.evaluate(context) ?? true);
  }

  #reaches(binding: Binding, context: Context): boolean {
    const [first = ''] = binding.keys;
    const start = this.resolve([first], context);
    if (binding.keys.length === 1) return start.kind === 'runs' && start.binding === binding;
    if (start.kind !== 'waits') return false;
    const end = this.resolve(binding.keys, context);
    return end.kind === 'runs' && end.binding === binding;
  }
}
