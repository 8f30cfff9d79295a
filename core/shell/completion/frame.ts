import { readFileSync } from 'node:fs';

/** Fills the places `@name@` of a script's frame, each a line of its own or a part of one. */
export function fillFrame(file: string, parts: Readonly<Record<string, readonly string[]>>): string {
  const frame = readFileSync(new URL(file, import.meta.url), 'utf8').trimEnd();
  return frame.replace(/@(\w+)@/g, (whole, name: string) => parts[name]?.join('\n') ?? whole);
}
