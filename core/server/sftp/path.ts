const maxPath = 1024;
/** Machine, point, disk. */
const maxDepth = 3;

/**
 * The parts of a path, from the root. `null` for one that is no path here: with `..`, with control characters, too long or too deep. What is not absolute
 * counts from the root.
 */
export function partsOf(path: string): readonly string[] | null {
  if (path.length > maxPath || /\p{Cc}/u.test(path)) return null;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') || parts.length > maxDepth ? null : parts;
}

/** The path without `.` and `..`, as `cd ..` needs it; `null` where it would leave the root. Nothing is looked up. */
export function plainPath(path: string): string | null {
  if (path.length > maxPath || /\p{Cc}/u.test(path)) return null;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.pop() === undefined) return null;
    if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
