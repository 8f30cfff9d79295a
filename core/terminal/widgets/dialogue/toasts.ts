import type { Tone } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import { own } from '../../../shell/render/own.ts';
import { signs } from '../../../shell/render/paint.ts';
import type { Key, Mouse, Style, Surface, Widget } from '../../contract.ts';
import type { ColourToken } from '../../theme/tokens.ts';
import { breakText } from './line-break.ts';
import { type Box, contains } from './overlay-box.ts';

/** How long each tone stays, in milliseconds. */
const stays: Readonly<Record<Tone, number>> = { good: 5000, active: 5000, quiet: 5000, risk: 10_000, bad: 20_000 };
const mostShown = 3;
const mostKept = 100;
const mostLines = 3;
const widest = 46;
const ground: Style = { fg: 'notifications.foreground', bg: 'notifications.background' };

interface Toast {
  readonly text: string;
  readonly tone: Tone;
  readonly until: number;
  /** How often the same was told. */
  readonly times: number;
}

export interface ToastsEnv {
  now(): number;
  invalidate(): void;
}

/** Short messages in the lower right corner: what finished, what failed. The newest lies lowest; what has not been seen for lack of room is counted. */
export class Toasts implements Widget {
  readonly #env: ToastsEnv;
  #toasts: readonly Toast[] = [];
  #timer: NodeJS.Timeout | null = null;
  #places: readonly { readonly box: Box; readonly toast: Toast }[] = [];

  constructor(env: ToastsEnv) {
    this.#env = env;
  }

  /** How many there are, shown or not. */
  get count(): number {
    return this.#toasts.length;
  }

  /** @param ms How long it stays; default depends on the tone: 5 s, 10 s for a risk, 20 s for bad news. */
  push(text: string, tone: Tone, ms = own(stays, tone) ?? stays.quiet): void {
    const same = this.#toasts.find((toast) => toast.text === text && toast.tone === tone);
    const others = this.#toasts.filter((toast) => toast !== same);
    const toast = { text, tone, until: this.#env.now() + ms, times: (same?.times ?? 0) + 1 };
    this.#toasts = [...others, toast].slice(-mostKept);
    this.#changed();
  }

  /** Takes the newest one away. Answers whether there was one. */
  dismiss(): boolean {
    const had = this.#toasts.length > 0;
    this.#toasts = this.#toasts.slice(0, -1);
    this.#changed();
    return had;
  }

  dismissAll(): void {
    this.#toasts = [];
    this.#changed();
  }

  /** Ends its clock. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#toasts = [];
  }

  key(key: Key): boolean {
    return key.name === 'escape' && this.dismiss();
  }

  mouse(event: Mouse): boolean {
    const hit = this.#places.find(({ box }) => contains(box, event.x, event.y));
    if (hit === undefined) return false;
    if (event.action === 'press') {
      this.#toasts = this.#toasts.filter((toast) => toast !== hit.toast);
      this.#changed();
    }
    return true;
  }

  draw(surface: Surface): void {
    this.#expire();
    this.#places = [];
    const width = Math.min(widest, surface.width - 2);
    if (width < 8 || surface.height < 3) return;
    const x = surface.width - width - 1;
    let bottom = surface.height - 1;
    let shown = 0;
    for (const toast of this.#toasts.toReversed()) {
      const times = toast.times > 1 ? ` (${toast.times}×)` : '';
      const lines = breakText(toast.text + times, width - 4, mostLines);
      // One row stays for the count of those that do not fit.
      if (shown === mostShown || bottom - lines.length < 1) break;
      const box = { x, y: bottom - lines.length, width, height: lines.length };
      drawToast(surface, box, toast.tone, lines);
      this.#places = [...this.#places, { box, toast }];
      bottom = box.y - 1;
      shown += 1;
    }
    const hidden = this.#toasts.length - shown;
    if (hidden > 0 && bottom >= 1) {
      const text = safeText(` +${hidden} more `);
      surface.text(surface.width - 1 - displayWidth(text), bottom - 1, text, ground);
    }
  }

  #changed(): void {
    this.#expire();
    this.#env.invalidate();
  }

  #expire(): void {
    const now = this.#env.now();
    this.#toasts = this.#toasts.filter(({ until }) => until > now);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#toasts.length === 0) return;
    const next = this.#toasts.reduce((least, { until }) => Math.min(least, until), Number.POSITIVE_INFINITY);
    this.#timer = setTimeout(() => this.#changed(), Math.min(60_000, Math.max(50, next - now)));
    // A message that still stands keeps no process alive.
    this.#timer.unref();
  }
}

function drawToast(surface: Surface, box: Box, tone: Tone, lines: readonly SafeText[]): void {
  surface.fill(box.x, box.y, box.width, box.height, ground);
  const fg: ColourToken = `tone.${tone}`;
  for (let y = 0; y < box.height; y++) surface.text(box.x, box.y + y, safeText('▌'), { ...ground, fg });
  surface.text(box.x + 1, box.y, safeText(own(signs, tone) ?? ''), { ...ground, fg, bold: true });
  for (const [index, line] of lines.entries()) surface.text(box.x + 3, box.y + index, line, ground);
}
