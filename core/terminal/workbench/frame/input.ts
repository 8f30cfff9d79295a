import type { Plain } from '@holdfast/api';
import { safeText } from '../../../model/text/safe-text.ts';
import type { Input, Key, Mouse, Surface, Widget } from '../../contract.ts';
import type { Context } from '../../keys/when.ts';
import { activityAt } from '../parts/activity-bar.ts';
import { CursorWatch } from '../parts/cursor-watch.ts';
import { isTooSmall, isWithin, type Layout, type Rect } from './layout.ts';
import type { Room } from './room.ts';

/** What input is led through. */
export interface InputParts {
  readonly room: Room;
  layout(): Layout;
  size(): { readonly width: number; readonly height: number };
  /** The widget that has the focus, and where it stands. */
  focused(): { readonly widget: Widget | null; readonly rect: Rect | null };
  run(command: string, args: Readonly<Record<string, Plain>>): void;
  /** Escape that meant nothing to whom it was given. */
  escape(): void;
  /** The mouse on the strip of tabs. */
  pressTab(event: Mouse): void;
}

/** Nothing is drawn; only who shows the cursor is of interest. */
class NoSurface implements Surface {
  readonly width: number;
  readonly height: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }

  text(): number {
    return 0;
  }

  fill(): void {}

  area(_x: number, _y: number, width: number, height: number): Surface {
    return new NoSurface(width, height);
  }

  cursor(): void {}
}

/** The widget that has the focus, and where it stands. */
export function focusedIn(room: Room, layout: Layout): { readonly widget: Widget | null; readonly rect: Rect | null } {
  if (room.focus === 'page') return { widget: room.pages.front, rect: layout.page };
  return room.focus === 'panel'
    ? { widget: room.panel, rect: layout.panel }
    : { widget: room.sideBar, rect: layout.sideBar };
}

/** Keys that no text field is typed into with. */
const isChorded = (name: string): boolean => /^(?:shift\+)?(?:ctrl\+|alt\+|f\d)/.test(name);

/** Leads keys, pastes and the mouse to whom they belong. */
export class InputRouter {
  readonly #parts: InputParts;

  constructor(parts: InputParts) {
    this.#parts = parts;
  }

  take(input: Input): void {
    const { width, height } = this.#parts.size();
    const { room } = this.#parts;
    // Nobody can see what a key would do.
    if (isTooSmall(width, height)) {
      if (input.kind === 'key' && ['q', 'ctrl+q', 'ctrl+c'].includes(input.name)) this.#parts.run('workbench.quit', {});
      return;
    }
    const { top } = room.overlays;
    if (input.kind === 'key') {
      if (top === null) this.#key(input);
      else top.key?.(input);
    } else if (input.kind === 'paste') (top ?? this.#parts.focused().widget)?.paste?.(input.text);
    else if (top !== null) top.mouse?.(input);
    else this.#mouse(input);
    room.invalidate();
  }

  /** Whether a text field has the focus: found out by letting it draw, so that it holds for keys that come before the next frame too. */
  get isTyping(): boolean {
    const { widget, rect } = this.#parts.focused();
    if (widget === null || rect === null) return false;
    const heard = { isTyping: false };
    widget.draw(new CursorWatch(new NoSurface(rect.width, rect.height), heard), true);
    return heard.isTyping;
  }

  context(isTyping: boolean): Context {
    const { room } = this.#parts;
    const isTerminal = room.focus === 'panel' && room.panel?.tab === 'terminal' && room.panel.hasTerminal;
    return { ...room.context(), inputFocus: isTyping && !isTerminal, terminalFocus: isTerminal };
  }

  #key(key: Key): void {
    const { room } = this.#parts;
    const isTyping = this.isTyping;
    const context = this.context(isTyping);
    const first = room.pending;
    room.pending = null;
    if (first !== null) {
      const found = room.bindings.resolve([first, key.name], context);
      if (found.kind === 'runs') {
        this.#parts.run(found.binding.command, found.binding.args);
        return;
      }
      if (key.name === 'escape') return;
      // It was no sequence: both keys mean what they mean by themselves.
      this.#give({ kind: 'key', name: first, text: [...first].length === 1 ? safeText(first) : null });
    }
    if (isTyping && key.text !== null) {
      this.#give(key);
      return;
    }
    const found = room.bindings.resolve([key.name], context);
    if (found.kind === 'waits') {
      room.pending = key.name;
      return;
    }
    const goesFirst = found.kind === 'runs' && (found.binding.layer === 'own' || isChorded(key.name));
    if (!goesFirst && this.#give(key)) return;
    if (found.kind === 'runs') this.#parts.run(found.binding.command, found.binding.args);
    else if (key.name === 'escape') this.#parts.escape();
  }

  #give(key: Key): boolean {
    return this.#parts.focused().widget?.key?.(key) === true;
  }

  #mouse(event: Mouse): void {
    const { room } = this.#parts;
    const layout = this.#parts.layout();
    const { x, y } = event;
    if (event.action === 'press' && isWithin(layout.activityBar, x, y)) {
      const id = activityAt(layout.activityBar.width, room.pages.activity, x);
      if (id !== null) room.goTo(id);
      return;
    }
    if (layout.tabs !== null && isWithin(layout.tabs, x, y)) {
      this.#parts.pressTab({ ...event, x: x - layout.tabs.x, y: y - layout.tabs.y });
      return;
    }
    for (const part of ['sideBar', 'page', 'panel'] as const) {
      const rect = layout[part];
      if (rect === null || !isWithin(rect, x, y)) continue;
      if (event.action === 'press') room.focus = part;
      const widget = part === 'page' ? room.pages.front : part === 'panel' ? room.panel : room.sideBar;
      widget?.mouse?.({ ...event, x: x - rect.x, y: y - rect.y });
    }
  }
}
