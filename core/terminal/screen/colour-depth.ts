import type { ColourDepth } from '../contract.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Terminals by the first word of their name. Whoever is not here and does not say more gets sixteen colours. */
const known: ReadonlyMap<string, ColourDepth> = new Map([
  ...(['dumb', 'unknown', 'vt52', 'vt100', 'vt102', 'vt220', 'vt320', 'network'] as const).map(mono),
  ...(['linux', 'ansi', 'cygwin', 'cons25', 'screen', 'tmux', 'rxvt', 'vt340', 'vt420', 'vt525'] as const).map(sixteen),
  ...(['xterm', 'putty', 'konsole', 'gnome', 'vte', 'st', 'mintty', 'nsterm', 'eterm'] as const).map(many),
  ...(['alacritty', 'foot', 'ghostty', 'wezterm', 'contour', 'rio', 'iterm2', 'kitty'] as const).map(all),
]);

function mono(name: string): [string, ColourDepth] {
  return [name, 'mono'];
}
function sixteen(name: string): [string, ColourDepth] {
  return [name, '16'];
}
function many(name: string): [string, ColourDepth] {
  return [name, '256'];
}
function all(name: string): [string, ColourDepth] {
  return [name, 'truecolor'];
}

/** A name that a terminal could have. Nothing else is looked at closer. */
const plausible = /^[a-z0-9][a-z0-9._+-]{0,62}$/;

/**
 * How many colours a terminal shows. Its name only picks from a list of ours: it is never opened as a file or looked up in one.
 * @param term What it calls itself (`TERM`, or the name in an SSH pty request).
 * @param env  `NO_COLOR` (not empty) means none, whatever the terminal can; `COLORTERM=truecolor` or `24bit` means all, where the name
 *   does not exclude it.
 * @see https://no-color.org
 */
export function colourDepth(term: string, env: Env): ColourDepth {
  if ((env.NO_COLOR ?? '') !== '') return 'mono';
  const name = term.toLowerCase();
  if (!plausible.test(name)) return 'mono';
  const words = name.split(/[-.+]/);
  const first = words[0] ?? '';
  const depth = (first === 'xterm' ? known.get(words[1] ?? '') : undefined) ?? known.get(first) ?? '16';
  if (depth === 'mono' || words.includes('mono') || words.includes('m')) return 'mono';
  if (words.includes('direct') || words.includes('truecolor')) return 'truecolor';
  // Neither knows more, whatever the environment around them says.
  if (first === 'linux' || first === 'cons25') return depth;
  if (/^(?:truecolor|24bit)$/i.test(env.COLORTERM ?? '')) return 'truecolor';
  if (depth === '16' && words.includes('256color')) return '256';
  return words.includes('16color') ? '16' : depth;
}

/** Whether erasing leaves the colour that was set, as nearly everywhere. GNU screen leaves its own, and tmux may go by that name. */
export const erasesInColour = (term: string): boolean => !/^screen/i.test(term);
