import type { MachineName } from '../../../catalog/contract.ts';
import { formatRelative } from '../../format/times.ts';
import type { Choice } from '../contract.ts';
import type { Asked } from './asked.ts';
import { choice } from './names.ts';
import { byIdentityStart } from './unique.ts';

interface Known extends MachineName {
  /** Epoch milliseconds of the newest restore point; `null` when it has none. */
  readonly newestAt: number | null;
}

async function knownMachines({ site }: Pick<Asked, 'site'>): Promise<readonly Known[]> {
  const catalog = await site.catalog();
  const [names, counts] = await Promise.all([catalog.machineNames(), catalog.pointCounts()]);
  const newest = new Map(counts.map(({ endpoint, machine, newestAt }) => [`${endpoint}\n${machine}`, newestAt]));
  return names.map((one) => ({ ...one, newestAt: newest.get(`${one.endpoint}\n${one.machine}`) ?? null }));
}

/** How a machine is named so that it alone is meant: by its name, where two share it by `ENDPOINT/NAME`, where that is not enough by its identity. */
function wordsFor(machines: readonly Known[]): (machine: Known) => string {
  const names = countsOf(machines.map(({ name }) => name));
  const placed = countsOf(machines.map(({ endpoint, name }) => `${endpoint}/${name}`));
  return ({ endpoint, name, machine }) => {
    const full = `${endpoint}/${name}`;
    if (names.get(name) === 1) return name;
    return placed.get(full) === 1 ? full : machine;
  };
}

function countsOf(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

const age = (at: number | null, now: number): string => (at === null ? 'no restore point' : formatRelative(at, now));

/** Machines that are there, those that need it most first: without any restore point, then by its age. */
export async function machineChoices(asked: Asked): Promise<readonly Choice[]> {
  const { site, given, argument } = asked;
  const now = site.now();
  const all = await knownMachines(asked);
  const there = all.filter(({ goneAt }) => goneAt === null);
  const wordFor = wordsFor(there);
  const chosen = new Set(Array.isArray(given[argument.name]) ? (given[argument.name] as readonly string[]) : []);
  const isProtecting = asked.command.id === 'protect';
  return there
    .toSorted((a, b) => (a.newestAt ?? 0) - (b.newestAt ?? 0) || (a.name < b.name ? -1 : 1))
    .filter((machine) => !chosen.has(wordFor(machine)))
    .map((machine) => {
      const title = `${machine.name}  ${machine.endpoint} · ${age(machine.newestAt, now)}`;
      return choice(wordFor(machine), title, isProtecting ? machine.problem : null);
    });
}

/** Machines that have restore points, also those that are gone: with `at` given, the one that the restore point is of. */
export async function restorableChoices(asked: Asked): Promise<readonly Choice[]> {
  const { site, given } = asked;
  const now = site.now();
  const catalog = await site.catalog();
  const all = (await knownMachines(asked)).filter(({ newestAt }) => newestAt !== null);
  const wordFor = wordsFor(all);
  const at = typeof given.at === 'string' && /^[0-9a-f]{4,32}$/.test(given.at) ? given.at : null;
  const point = at === null ? null : byIdentityStart(at, await catalog.points({}));
  return all
    .filter(({ endpoint, machine }) => point === null || (point.machine === machine && point.endpoint === endpoint))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((machine) => {
      const gone = machine.goneAt === null ? '' : ' · gone';
      return choice(wordFor(machine), `${machine.name}  ${machine.endpoint} · ${age(machine.newestAt, now)}${gone}`);
    });
}
