import { between, blend, contrastOf, luminance, parseColour, type Rgb, readable } from './colour.ts';
import { type Brightness, defaultColour } from './defaults.ts';
import { type Rule, rules } from './rules.ts';
import type { ColourToken } from './tokens.ts';

/** What a theme file says: a colour by its key; `null` where the terminal's own colour is meant. */
export type WrittenColours = ReadonlyMap<string, string | null>;

/** A colour for each name; `null` is the terminal's own. */
export type Colours = ReadonlyMap<ColourToken, Rgb | null>;

const black: Rgb = [0, 0, 0];
const white: Rgb = [255, 255, 255];

/** Whether a file that does not say so is for a dark or a light screen, by its background. */
export function brightnessOf(written: WrittenColours): Brightness {
  const ground = parseColour(written.get('editor.background') ?? '');
  return ground !== null && luminance(ground.rgb) > 0.3 ? 'light' : 'dark';
}

/**
 * The colours of a theme. What its file does not name follows from neighbours, and is moved towards black or white until it can be read where it
 * stands; what it names itself is taken as it is.
 */
export function resolveColours(written: WrittenColours, brightness: Brightness): Colours {
  const found = new Map<ColourToken, Rgb | null>();
  for (const rule of rules) found.set(rule.token, resolve(rule, { written, found, brightness }));
  return found;
}

interface Context {
  readonly written: WrittenColours;
  readonly found: ReadonlyMap<ColourToken, Rgb | null>;
  readonly brightness: Brightness;
}

function resolve(rule: Rule, context: Context): Rgb | null {
  const { token } = rule;
  const below = solid(rule.over ?? 'editor.background', context);
  const own = read(token, below, context);
  if (own !== undefined) return own;
  const candidates = (rule.keys ?? []).map((key) => read(key, below, context)).filter((one) => one !== undefined);
  const chosen = best(candidates, rule, context) ?? follow(rule, below, context);
  if (chosen === null || rule.on === undefined || context.found.get(rule.on) === null) return chosen;
  return readable(chosen, solid(rule.on, context), rule.least);
}

/** The first that can be read as it is, else the first; `undefined` where there is none. */
function best(candidates: readonly (Rgb | null)[], rule: Rule, context: Context): Rgb | null | undefined {
  if (rule.on === undefined || candidates[0] === null) return candidates[0];
  const on = solid(rule.on, context);
  return candidates.find((one) => one !== null && contrastOf(one, on) >= (rule.least ?? 4.5)) ?? candidates[0];
}

/** What the file says under a key; `undefined` where it says nothing that is a colour. */
function read(key: string, below: Rgb, { written, found }: Context): Rgb | null | undefined {
  const text = written.get(key);
  if (text === null) return null;
  const colour = text === undefined ? null : parseColour(text);
  if (colour !== null) return blend(colour, below);
  // A neighbour that was worked out itself.
  return found.get(key as ColourToken);
}

function follow(rule: Rule, below: Rgb, context: Context): Rgb | null {
  const fallback = defaultColour(rule.token, context.brightness);
  if (fallback !== undefined) return fallback;
  if (rule.mix === undefined) return solid('editor.foreground', context);
  const [towards, share] = rule.mix;
  // The terminal's own colours cannot be mixed.
  if (context.found.get(towards) === null) return null;
  return between(below, solid(towards, context), share);
}

/** A colour to reckon with, where the terminal's own may stand. */
function solid(token: ColourToken, { found, brightness }: Context): Rgb {
  const colour = found.get(token);
  if (colour !== undefined && colour !== null) return colour;
  const isGround = token.endsWith('ackground');
  return (brightness === 'dark') === isGround ? black : white;
}
