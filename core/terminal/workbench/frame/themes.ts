import type { Desk } from '../../../shell/desk/contract.ts';
import type { Theme } from '../../contract.ts';
import { builtInThemes } from '../../theme/built-in-themes.ts';
import { defaultTheme, loadTheme } from '../../theme/load-theme.ts';

/** A theme that can be chosen. */
export interface ThemeItem {
  readonly id: string;
  readonly label: string;
  readonly file: string;
  readonly uiTheme: string;
}

/** The colours that are shown, and those that could be. */
export class Themes {
  current: Theme = defaultTheme;
  readonly #desk: Desk;
  readonly #onChange: () => void;
  readonly #loaded = new Map<string, Theme>();
  #wanted = '';

  constructor(desk: Desk, onChange: () => void) {
    this.#desk = desk;
    this.#onChange = onChange;
  }

  /** Those that Holdfast brings, then those of plugins and of the person; only the former where nobody answers. */
  async all(): Promise<readonly ThemeItem[]> {
    const others = await this.#desk.themes().catch(() => []);
    return [...this.#own(), ...others.filter(({ id }) => builtInThemes.every((theme) => theme.id !== id))];
  }

  /** Shows a theme. Throws `THEME_INVALID` when its file is none; what was shown stays. */
  async show(item: ThemeItem): Promise<void> {
    this.#wanted = item.id;
    const loaded = this.#loaded.get(item.id) ?? (await loadTheme(item.file, item.id, item.label, item.uiTheme));
    this.#loaded.set(item.id, loaded);
    // Another one was wanted while this one was read.
    if (this.#wanted !== item.id) return;
    this.current = loaded;
    this.#onChange();
  }

  /** Shows again what was shown before. */
  restore(theme: Theme): void {
    this.#wanted = theme.id;
    this.current = theme;
    this.#onChange();
  }

  /** Shows the theme of last time, or the usual one; a theme that is gone is no problem worth telling. */
  async start(id: string | null): Promise<void> {
    const own = this.#own();
    const known = own.find((theme) => theme.id === id) ?? (id === null ? own[0] : undefined);
    const item = known ?? (await this.all()).find((theme) => theme.id === id) ?? own[0];
    if (item !== undefined) await this.show(item).catch(() => {});
  }

  #own(): readonly ThemeItem[] {
    return builtInThemes.map((theme) => ({ ...theme }));
  }
}
