import type { DetailView, FormView, Plain, Tone } from '@holdfast/api';
import type { SafeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Key, Mouse, Surface } from '../../contract.ts';
import type { Hint } from '../../workbench/contract.ts';
import { drawTitle } from './caption.ts';
import type { DataWidget, ViewEnv } from './data-widget.ts';
import { cut, labelOf, quiet, textOf, toneStyle } from './label.ts';
import { drawScrollBar } from './scroll-bar.ts';
import { Scroller } from './scroller.ts';
import { Stored } from './stored.ts';
import { wrapText } from './wrap.ts';

const left = 2;
const gap = 2;

interface Line {
  readonly name: SafeText;
  readonly text: SafeText;
  readonly tone: Tone | null;
}

/** A form as it stands, where it can only be read. */
export function detailOfForm({ title, schema, values }: FormView): DetailView {
  const properties = schema.properties;
  const keys = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  const wording = (value: unknown): string =>
    value === undefined ? '–' : typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
  const fields = [...new Set([...keys, ...Object.keys(values)])].map((key) => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    return { key, title: key, value: { kind: 'text', text: wording(value) } as const };
  });
  return { kind: 'detail', title, fields };
}

/** One thing, a field a line; long values go on below. */
export class DetailWidget implements DataWidget {
  readonly #env: ViewEnv;
  readonly #scroller = new Scroller();
  #detail: DetailView = { kind: 'detail', title: '', fields: [] };

  constructor(env: ViewEnv) {
    this.#env = env;
  }

  set(view: DetailView): void {
    this.#detail = view;
    this.#env.invalidate();
  }

  get row(): string | null {
    return null;
  }

  get marked(): readonly string[] {
    return [];
  }

  get isTyping(): boolean {
    return false;
  }

  get wantsFocus(): boolean {
    return this.#scroller.canScroll;
  }

  hints(): readonly Hint[] {
    return [];
  }

  heightFor(width: number): number {
    return (this.#detail.title === '' ? 0 : 1) + this.#lines(width).length;
  }

  state(): Plain {
    return { top: this.#scroller.top };
  }

  restore(state: Plain): void {
    const top = new Stored(state).number('top') ?? 0;
    this.#scroller.fit(this.#scroller.height, Math.max(this.#scroller.length, top + 1));
    this.#scroller.scrollTo(top);
  }

  draw(surface: Surface): void {
    const at = drawTitle(surface, this.#detail.title);
    const lines = this.#lines(surface.width);
    this.#scroller.fit(surface.height - at, lines.length);
    const x = surface.width < 20 ? 0 : left;
    const width = lines.reduce((most, { name }) => Math.max(most, displayWidth(name)), 0);
    for (let row = 0; row < this.#scroller.height; row++) {
      const line = lines[this.#scroller.top + row];
      if (line === undefined) break;
      surface.text(x, at + row, line.name, quiet);
      surface.text(x + width + gap, at + row, line.text, toneStyle(line.tone));
    }
    if (surface.width > 4) drawScrollBar(surface, surface.width - 1, at, this.#scroller);
  }

  key(key: Key): boolean {
    return this.#scroller.key(key);
  }

  mouse({ action }: Mouse): boolean {
    return this.#scroller.wheel(action);
  }

  #lines(width: number): readonly Line[] {
    // Names take what they need, but never so much that values have no room.
    const titles = this.#detail.fields.map(({ title }) => cut(textOf(title), Math.max(1, Math.floor(width * 0.4))));
    const names = titles.reduce((most, title) => Math.max(most, displayWidth(title)), 0);
    const room = Math.max(1, width - (width < 20 ? 0 : left) - names - gap - 1);
    const now = this.#env.now();
    return this.#detail.fields.flatMap(({ value }, index) => {
      const { text, tone } = labelOf(value, now, true);
      return wrapText(text, room).map((line, at) => ({
        name: at === 0 ? (titles[index] ?? ('' as SafeText)) : ('' as SafeText),
        text: line,
        tone,
      }));
    });
  }
}
