/** Something that must come to an end. */
export interface Ending {
  readonly name: string;
}

let living: Map<Ending, Error> | null = null;

/** Called by whatever has a life; does nothing unless someone watches. */
export function begun(thing: Ending): void {
  living?.set(thing, new Error(`begun here: ${thing.name}`));
}

/** Called when it has come to its end. */
export function ended(thing: Ending): void {
  living?.delete(thing);
}

/**
 * Does some work and fails when a lifetime that began within it has not ended by then; the message names each and where it began.
 * For tests: `await withoutLeaks(async () => { … })`. Work that overlaps in time is counted together, so it does not nest.
 */
export async function withoutLeaks<T>(work: () => Promise<T>): Promise<T> {
  if (living !== null) throw new Error('withoutLeaks does not nest');
  const watched = new Map<Ending, Error>();
  living = watched;
  let result: T;
  try {
    result = await work();
  } finally {
    living = null;
  }
  if (watched.size > 0) {
    const places = [...watched.values()].map((place) => place.stack ?? place.message);
    throw new Error(`${watched.size} not ended:\n${places.join('\n')}`);
  }
  return result;
}
