/** Red, green and blue, 0 to 255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** A colour as a theme file writes it: with how much of it there is, 0 to 1. */
export interface Written {
  readonly rgb: Rgb;
  readonly alpha: number;
}

const shape = /^#([0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})$/i;

/** Reads `#rgb`, `#rgba`, `#rrggbb` and `#rrggbbaa`; `null` for anything else. */
export function parseColour(text: string): Written | null {
  const digits = shape.exec(text)?.[1];
  if (digits === undefined) return null;
  const size = digits.length < 6 ? 1 : 2;
  const part = (index: number): number => {
    const written = digits.slice(index * size, (index + 1) * size);
    return Number.parseInt(size === 1 ? written + written : written, 16);
  };
  const hasAlpha = digits.length === 4 * size;
  return { rgb: [part(0), part(1), part(2)], alpha: hasAlpha ? part(3) / 255 : 1 };
}

/** What is seen of a colour over another. */
export function blend(over: Written, below: Rgb): Rgb {
  const mix = (index: 0 | 1 | 2): number => Math.round(over.rgb[index] * over.alpha + below[index] * (1 - over.alpha));
  return [mix(0), mix(1), mix(2)];
}

/** Between two colours: 0 is the first, 1 the second. */
export const between = (from: Rgb, to: Rgb, share: number): Rgb => blend({ rgb: to, alpha: share }, from);

/** Relative luminance, 0 (black) to 1 (white); WCAG 2.2. */
export function luminance([red, green, blue]: Rgb): number {
  const linear = (value: number): number => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** How well one is read on the other: 1 (not at all) to 21 (black on white); WCAG 2.2 asks for 4.5. */
export function contrastOf(a: Rgb, b: Rgb): number {
  const [first, second] = [luminance(a), luminance(b)];
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
}

const white: Rgb = [255, 255, 255];
const black: Rgb = [0, 0, 0];

/** A colour that can be read on this background: the same where it can be, else as little lighter or darker as will do. */
export function readable(colour: Rgb, on: Rgb, least = 4.5): Rgb {
  if (contrastOf(colour, on) >= least) return colour;
  const end = contrastOf(white, on) >= contrastOf(black, on) ? white : black;
  for (let share = 0.05; share < 1; share += 0.05) {
    const nearer = between(colour, end, share);
    if (contrastOf(nearer, on) >= least) return nearer;
  }
  return end;
}
