import type { Plain, View } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import type { Key, Mouse, Surface } from '../../contract.ts';
import type { Binding } from '../../keys/binding.ts';
import type { Bindings } from '../../keys/bindings.ts';
import { describeKey } from '../../keys/describe-key.ts';
import { ViewWidget } from '../../widgets/data/view-widget.ts';
import type { Bench, Hint, Page } from '../contract.ts';

/** What the page looks into. */
export interface KeysParts {
  readonly bench: Bench;
  bindings(): Bindings;
  /** What a command is called. */
  title(command: string): string;
  /** Where the person writes their own; `null` where there is no such file. */
  readonly file: string | null;
}

/** Every key, what it does, who brought it, and where two want the same one. */
export class KeysPage implements Page {
  readonly id = 'keys';
  readonly #parts: KeysParts;
  readonly #widget: ViewWidget;
  #of: Bindings | null = null;

  constructor(parts: KeysParts) {
    this.#parts = parts;
    this.#widget = new ViewWidget({
      now: () => parts.bench.desk.now(),
      invalidate: () => parts.bench.invalidate(),
      onOpen: () => {},
    });
  }

  title(): SafeText {
    return safeText('Keys');
  }

  hints(): readonly Hint[] {
    return [...this.#widget.hints(), { key: 'escape', title: safeText('back') }];
  }

  commandLine(): null {
    return null;
  }

  context(): Readonly<Record<string, Plain>> {
    return { row: this.#widget.row, kind: 'stack' };
  }

  draw(surface: Surface, isFocused: boolean): void {
    const bindings = this.#parts.bindings();
    if (bindings !== this.#of) {
      this.#of = bindings;
      this.#widget.set(this.#view(bindings));
    }
    this.#widget.draw(surface, isFocused);
  }

  key(key: Key): boolean {
    return this.#widget.key?.(key) === true;
  }

  paste(text: string): boolean {
    return this.#widget.paste?.(text) === true;
  }

  mouse(event: Mouse): boolean {
    return this.#widget.mouse?.(event) === true;
  }

  #view(bindings: Bindings): View {
    const { file } = this.#parts;
    const conflicts = bindings.conflicts();
    const lost = new Map(
      conflicts.flatMap(({ winner, losers }) => losers.map((loser) => [loser.binding, { winner, loser }])),
    );
    const rows = bindings.all.map((binding, index) => {
      const loss = lost.get(binding);
      const told =
        loss === undefined
          ? ''
          : `${loss.loser.isAlways ? 'never: ' : 'at times not: '}${this.#parts.title(loss.winner.command)} (${loss.loser.why})`;
      return { id: String(index), binding, told, isAlways: loss?.loser.isAlways === true };
    });
    const own = file === null ? 'there is no file for keys of your own here' : `your own keys go into ${file}`;
    return {
      kind: 'table',
      title: `Keys: ${conflicts.length === 0 ? 'no conflicts' : `${conflicts.length} wanted by several`}; ${own}`,
      columns: [
        { key: 'key', title: 'key', priority: 0 },
        { key: 'title', title: 'does', priority: 0 },
        { key: 'works', title: 'works', priority: 0 },
        { key: 'owner', title: 'from' },
        { key: 'when', title: 'when', priority: 2 },
        { key: 'command', title: 'command', priority: 3 },
      ],
      // What is in conflict is what one came for.
      rows: rows
        .toSorted((a, b) => Number(b.told !== '') - Number(a.told !== ''))
        .map(({ id, binding, told, isAlways }) => ({
          id,
          cells: {
            key: { kind: 'text', text: describeKey(binding.keys.join(' ')) },
            title: { kind: 'text', text: this.#parts.title(binding.command) },
            works: {
              kind: 'state',
              text: told === '' ? 'yes' : told,
              tone: told === '' ? 'good' : isAlways ? 'bad' : 'risk',
            },
            owner: { kind: 'text', text: ownerOf(binding) },
            when: { kind: 'text', text: binding.when?.text ?? '' },
            command: { kind: 'text', text: binding.command },
          },
        })),
      empty: 'no keys',
    };
  }
}

const ownerOf = ({ layer, owner }: Binding): string => (layer === 'own' ? `you, ${owner}` : owner);
