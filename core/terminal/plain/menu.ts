import type { Session } from './session.ts';

/** Something to choose by its number. */
export interface MenuItem<T> {
  readonly title: string;
  readonly value: T;
  /** Why it cannot be chosen; told instead of a number. */
  readonly refused?: string | null;
  /** Said above the first of a group. */
  readonly group?: string;
}

/** So many are read out; the rest is found by typing a part of its name. */
const mostRead = 40;

interface MenuParts<T> {
  readonly title: string;
  readonly items: readonly MenuItem<T>[];
  readonly question?: string;
  /** What an answer that is no number and no name means; `null` when it means nothing. */
  readonly otherwise?: (typed: string) => T | null;
  /** Taken when nothing is typed. */
  readonly fallback?: string;
  /** Whether it was read out before: then only for a question mark. Default is `false`. */
  readonly isKnown?: boolean;
}

const matches = (title: string, typed: string): boolean => title.toLowerCase().includes(typed.toLowerCase());

/** A title mostly begins with the name: `web-07  lab`, `machine list: List virtual machines`. */
const isNamed = (title: string, typed: string): boolean =>
  title === typed || title.startsWith(`${typed}  `) || title.startsWith(`${typed}: `);

function readOut<T>(title: string, items: readonly MenuItem<T>[]): readonly string[] {
  const lines: string[] = title === '' ? [] : [title];
  let group: string | undefined;
  for (const [index, item] of items.slice(0, mostRead).entries()) {
    if (item.group !== undefined && item.group !== group) lines.push(`${item.group}:`);
    group = item.group;
    if (item.refused == null) lines.push(`${index + 1}. ${item.title}`);
    else lines.push(`Not ${item.title}: ${item.refused}`);
  }
  if (items.length > mostRead) lines.push(`and ${items.length - mostRead} more: type a part of the name`);
  return lines;
}

/** Reads a list out and asks for a number, or a part of a name. What is refused is named with its reason, also when it is chosen. */
export async function choose<T>(session: Session, parts: MenuParts<T>): Promise<T> {
  const { question = 'Number', otherwise, fallback } = parts;
  let { items } = parts;
  let isRead = parts.isKnown === true;
  for (;;) {
    const lines = readOut(parts.title, items);
    if (!isRead) await session.speaker.say(...lines);
    isRead = true;
    const help = [...lines, 'Type the number of what you want, or a part of its name.'];
    const typed = await session.ask({ text: question, help, ...(fallback === undefined ? {} : { fallback }) });
    const other = otherwise?.(typed) ?? null;
    if (other !== null) return other;
    if (typed === '') {
      // Whoever presses Enter without a word wants to hear it again.
      isRead = false;
      continue;
    }
    const named = items.filter(({ title }) => isNamed(title, typed));
    const found = /^\d+$/.test(typed)
      ? items.slice(Number(typed) - 1, Number(typed))
      : named.length > 0
        ? named
        : items.filter(({ title }) => matches(title, typed));
    const [only, second] = found;
    if (only === undefined) await session.speaker.say(`Nothing here is called ${typed}.`);
    else if (second !== undefined) {
      items = found;
      isRead = false;
    } else if (only.refused != null) await session.speaker.say(`${only.title} cannot be chosen: ${only.refused}`);
    else return only.value;
  }
}
