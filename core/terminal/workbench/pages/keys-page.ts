import type { Plain, TableView, View } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { stateCell, textCell } from '../../../shell/view/build.ts';
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
    return [
      ...this.#widget.hints().filter(({ key }) => key !== 'enter' && key !== 'space'),
      { key: 'escape', title: safeText('back') },
    ];
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
    const own = file === null ? 'there is no file for keys of your own here' : `your own keys go into ${file}`;
    const conflicts = this.#conflicts(bindings);
    return {
      kind: 'stack',
      title: own,
      views: conflicts.rows.length === 0 ? [this.#all(bindings)] : [conflicts, this.#all(bindings)],
    };
  }

  /** What is in conflict is what one came for. */
  #conflicts(bindings: Bindings): TableView {
    return {
      kind: 'table',
      title: 'Wanted by several',
      columns: [
        { key: 'key', title: 'key', priority: 0 },
        { key: 'runs', title: 'runs', priority: 0 },
        { key: 'loser', title: 'instead of', priority: 0 },
        { key: 'why', title: 'because', priority: 0 },
      ],
      rows: bindings.conflicts().flatMap(({ key, winner, losers }, index) =>
        losers.map(({ binding, why, isAlways }, loser) => ({
          id: `conflict ${index} ${loser}`,
          cells: {
            key: textCell(describeKey(key)),
            runs: textCell(`${this.#parts.title(winner.command)} (${ownerOf(winner)})`),
            loser: stateCell(`${this.#parts.title(binding.command)} (${ownerOf(binding)})`, isAlways ? 'bad' : 'risk'),
            why: textCell(isAlways ? why : `${why}, at times`),
          },
        })),
      ),
      empty: 'no conflicts',
    };
  }

  #all(bindings: Bindings): TableView {
    return {
      kind: 'table',
      title: 'Keys',
      columns: [
        { key: 'key', title: 'key', priority: 0 },
        { key: 'title', title: 'does', priority: 0 },
        { key: 'owner', title: 'from' },
        { key: 'when', title: 'when', priority: 2 },
        { key: 'command', title: 'command', priority: 3 },
      ],
      rows: bindings.all.map((binding, index) => ({
        id: String(index),
        cells: {
          key: textCell(describeKey(binding.keys.join(' '))),
          title: textCell(this.#parts.title(binding.command)),
          owner: textCell(ownerOf(binding)),
          when: textCell(binding.when?.text ?? ''),
          command: textCell(binding.command),
        },
      })),
      empty: 'no keys',
    };
  }
}

const ownerOf = ({ layer, owner }: Binding): string => (layer === 'own' ? `you, ${owner}` : owner);
