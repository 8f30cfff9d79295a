import { safeText } from '../../../model/text/safe-text.ts';
import type { Key, Mouse, Style, Surface, Widget } from '../../contract.ts';
import { keyName } from '../../keys/key-name.ts';
import { type ButtonPlace, type ButtonState, buttonRows, type DialogButton, drawButtons } from './dialog-buttons.ts';
import { HeldChoice } from './held-choice.ts';
import { breakText, cutSafe } from './line-break.ts';
import { type Box, drawBox, innerOf, placeBox, widgetLook } from './overlay-box.ts';
import { TextField } from './text-field.ts';

export type { DialogButton } from './dialog-buttons.ts';

/** A text that the dialog asks for. */
export interface DialogField {
  readonly label: string;
  readonly secret?: boolean;
  readonly value?: string;
  readonly placeholder?: string;
  /** What is wrong with what is typed; `null` when nothing is. */
  readonly check?: (text: string) => string | null;
}

export interface DialogOptions {
  readonly title: string;
  /** What will be different afterwards. Line ends count. */
  readonly consequence: string;
  readonly buttons: readonly DialogButton[];
  readonly field?: DialogField;
  /** Words that have to be typed before a button that destroys works: the name of what will be gone. Absent: such a button has to be held. */
  readonly typeBack?: string;
  /** `text` is what was typed; `null` where nothing was asked for. */
  readonly onAnswer: (button: string, text: string | null) => void;
  /** Escape. */
  readonly onCancel: () => void;
  readonly now: () => number;
  readonly invalidate: () => void;
}

const { ground } = widgetLook;
const quiet: Style = { ...ground, fg: 'descriptionForeground' };
const widest = 76;

/** A question that names its consequence. The safe answer has the focus; what destroys takes the name typed back, or a key held down. */
export class Dialog implements Widget {
  readonly #options: DialogOptions;
  readonly #field: TextField | null;
  readonly #hold: HeldChoice;
  /** Number of the button that has the focus; -1 is the field. */
  #focus: number;
  #top = 0;
  /** First line at the most, so that the last one is seen. */
  #most = 0;
  #box: Box = { x: 0, y: 0, width: 0, height: 0 };
  #fieldRow: number | null = null;
  #places: readonly ButtonPlace[] = [];
  #isAnswered = false;
  #problem: string | null = null;

  constructor(options: DialogOptions) {
    this.#options = options;
    this.#hold = new HeldChoice(options.now);
    const { field, typeBack } = options;
    const isTyped = field !== undefined || typeBack !== undefined;
    this.#field = isTyped
      ? new TextField({
          value: field?.value ?? '',
          placeholder: field?.placeholder ?? '',
          secret: field?.secret === true,
          maxLength: 65_536,
          onChange: () => {
            this.#problem = null;
          },
        })
      : null;
    this.#focus = isTyped ? -1 : this.#safeButton();
  }

  key(key: Key): boolean {
    if (this.#isAnswered) return true;
    const name = keyName(key.name);
    if (name !== 'enter' && name !== 'space') this.#hold.reset();
    if (name === 'escape') this.#cancel();
    else if (name === 'tab') this.#move(1);
    else if (name === 'shift+tab') this.#move(-1);
    else if (name === 'down' || name === 'up') this.#upOrDown(name === 'down' ? 1 : -1);
    else if (name === 'pageup' || name === 'pagedown') this.#scroll(name === 'pageup' ? -3 : 3);
    else if (this.#focus < 0 && name === 'enter') this.#enterInField();
    else if (this.#focus < 0) this.#field?.key(key);
    else if (name === 'right') this.#move(1);
    else if (name === 'left') this.#move(-1);
    else if (name === 'enter' || name === 'space') this.#press(this.#options.buttons[this.#focus]);
    this.#options.invalidate();
    // Nothing below gets a key while a question is open.
    return true;
  }

  paste(text: string): boolean {
    if (this.#focus < 0) this.#field?.paste(text);
    this.#options.invalidate();
    return true;
  }

  mouse(event: Mouse): boolean {
    const inner = innerOf(this.#box);
    const x = event.x - inner.x;
    const y = event.y - inner.y;
    const place = this.#places.find((one) => one.y === y && x >= one.x && x < one.x + one.width);
    const index = this.#options.buttons.findIndex(({ id }) => id === place?.id);
    const button = this.#options.buttons[index];
    if (event.action === 'wheel-up' || event.action === 'wheel-down') {
      this.#scroll(event.action === 'wheel-up' ? -1 : 1);
    } else if (event.button === 'left' && event.action === 'press' && y === this.#fieldRow) {
      this.#focus = -1;
      this.#field?.mouse({ ...event, x, y: 0 });
    } else if (event.button === 'left' && event.action === 'press' && button !== undefined) {
      this.#focus = index;
      if (this.#mustHold(button)) this.#hold.mouseDown(button.id);
      else this.#press(button);
    } else if (event.action === 'release') {
      const isHeld = button !== undefined && this.#hold.mouseUp(button.id);
      if (isHeld && button !== undefined) this.#answer(button);
      else this.#hold.reset();
    }
    this.#options.invalidate();
    return true;
  }

  draw(surface: Surface, isFocused: boolean): void {
    const states = this.#states(isFocused);
    const room = Math.min(widest, surface.width > 24 ? surface.width - 4 : surface.width);
    const width = room >= 12 ? room - 4 : room;
    const lines = breakText(this.#options.consequence, width, 200);
    const below = (this.#field === null ? 0 : 3) + 1 + buttonRows(states, width);
    this.#box = placeBox(surface, room, lines.length + below + 2);
    const inner = drawBox(surface, this.#box, safeText(this.#options.title, 200), widgetLook);
    // What can be chosen is always seen; a long consequence scrolls above it.
    const seen = Math.max(0, inner.height - below);
    this.#most = Math.max(0, lines.length - seen);
    this.#top = Math.min(this.#top, this.#most);
    for (const [index, line] of lines.slice(this.#top, this.#top + seen).entries()) inner.text(0, index, line, ground);
    if (this.#top + seen < lines.length && seen > 0) inner.text(inner.width - 1, seen - 1, safeText('↓'), quiet);
    const bottom = Math.max(0, inner.height - buttonRows(states, width));
    this.#fieldRow = null;
    if (this.#field !== null) this.#drawField(inner, Math.max(0, Math.min(seen, bottom - 3)), isFocused);
    this.#places = drawButtons(inner, bottom, states);
  }

  #drawField(inner: Surface, y: number, isFocused: boolean): void {
    const { field, typeBack } = this.#options;
    const asked = typeBack === undefined ? (field?.label ?? '') : `type ${safeText(typeBack, 200)} to go on`;
    const note = this.#problem === null ? asked : `✗ ${this.#problem}`;
    inner.text(
      0,
      y + 1,
      cutSafe(safeText(note, 500), inner.width),
      this.#problem === null ? quiet : { ...ground, fg: 'tone.bad' },
    );
    this.#fieldRow = y + 2;
    this.#field?.draw(inner.area(0, y + 2, inner.width, 1), isFocused && this.#focus < 0);
  }

  #states(isFocused: boolean): readonly ButtonState[] {
    return this.#options.buttons.map((button, index) => ({
      button,
      isFocused: isFocused && index === this.#focus,
      isOff: button.kind === 'destroy' && this.#options.typeBack !== undefined && !this.#isTypedBack(),
      mustHold: this.#mustHold(button),
      held: this.#hold.held(button.id),
    }));
  }

  #safeButton(): number {
    const { buttons } = this.#options;
    const safe = buttons.findIndex(({ kind }) => kind === 'safe');
    return safe >= 0
      ? safe
      : Math.max(
          0,
          buttons.findIndex(({ kind }) => kind !== 'destroy'),
        );
  }

  #move(by: 1 | -1): void {
    const places = this.#options.buttons.length + (this.#field === null ? 0 : 1);
    const first = this.#field === null ? 0 : -1;
    if (places > 0) this.#focus = ((this.#focus - first + by + places) % places) + first;
  }

  #scroll(by: number): void {
    this.#top = Math.max(0, Math.min(this.#most, this.#top + by));
  }

  /** Scrolls what does not fit; where all of it is seen, goes from one button to the next. */
  #upOrDown(by: 1 | -1): void {
    if (this.#most > 0) this.#scroll(by);
    else this.#move(by);
  }

  /** What is shown of a name is all that can be typed of it. */
  #isTypedBack(): boolean {
    const { typeBack } = this.#options;
    const typed = this.#field?.value ?? '';
    return typeBack !== undefined && (typed === typeBack || safeText(typed) === safeText(typeBack));
  }

  /** Enter goes on to the button; only for a question that destroys nothing it answers at once. */
  #enterInField(): void {
    const { buttons, typeBack } = this.#options;
    const main = buttons.findIndex(({ kind }) => kind !== 'safe');
    const button = buttons[main];
    if (button === undefined) this.#focus = this.#safeButton();
    else if (typeBack !== undefined && !this.#isTypedBack()) this.#problem = 'that is not what has to be typed';
    else if (button.kind === 'destroy') this.#focus = main;
    else this.#press(button);
  }

  #mustHold(button: DialogButton): boolean {
    return button.kind === 'destroy' && this.#options.typeBack === undefined;
  }

  #press(button: DialogButton | undefined): void {
    if (button === undefined) return;
    if (button.kind === 'destroy' && this.#options.typeBack !== undefined && !this.#isTypedBack()) {
      this.#problem = 'that is not what has to be typed';
      return;
    }
    if (this.#mustHold(button) && !this.#hold.press(button.id)) return;
    this.#answer(button);
  }

  #answer(button: DialogButton): void {
    const { field } = this.#options;
    const text = field === undefined ? null : (this.#field?.value ?? '');
    if (button.kind !== 'safe' && text !== null) {
      this.#problem = field?.check?.(text) ?? null;
      if (this.#problem !== null) {
        this.#focus = -1;
        return;
      }
    }
    this.#isAnswered = true;
    this.#forget();
    this.#options.onAnswer(button.id, text);
  }

  #cancel(): void {
    this.#isAnswered = true;
    this.#forget();
    this.#options.onCancel();
  }

  /** A secret is not kept longer than the question is open. */
  #forget(): void {
    if (this.#field !== null && this.#options.field?.secret === true) this.#field.value = '';
  }
}
