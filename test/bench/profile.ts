import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What processor time goes to, as it is told apart. */
export const kinds = [
  'zstd',
  'hash',
  'cipher',
  'checksum',
  'cut',
  'look-up',
  'read',
  'write',
  'start-up',
  'collection',
  'other JavaScript',
  'unseen',
] as const;
export type Kind = (typeof kinds)[number];

/** Seconds of processor time by kind. */
export type Shares = Readonly<Record<Kind, number>>;

/** By the file that calls, the innermost one that is listed: native code has no file of its own. */
const places: readonly (readonly [place: RegExp, kind: Kind])[] = [
  [/\/data\/zstd\//, 'zstd'],
  [/\/data\/hash\/keyed-hash/, 'hash'],
  [/\/data\/packs\/(pack-builder|open-record|release)/, 'cipher'],
  [/\/data\/(cut\/|write\/window\.)/, 'cut'],
  [/\/data\/(table|index)\//, 'look-up'],
  [/\/kit\/disk\/[^/]*writer/, 'write'],
  [/\/kit\/disk\/|\/data\/packs\/pack-access/, 'read'],
  [/^node:internal\/(modules|bootstrap|process\/execution)|^wasm:|\/amaro/, 'start-up'],
];

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

/**
 * Sums up the profiles that the threads of one command have left in a folder (`node --cpu-prof`).
 * @param cpuSeconds What the command cost in all. What no thread of JavaScript has seen of it is `unseen`: compiling and collecting beside
 *   them, packs on their way to the disk, perl asked for holes.
 */
export function sharesOf(folder: string, cpuSeconds: number): Shares {
  const shares = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
  let seen = 0;
  for (const name of readdirSync(folder)) {
    const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile;
    for (const [kind, seconds] of secondsOf(profile)) {
      shares[kind] += seconds;
      seen += seconds;
    }
  }
  shares.unseen = Math.max(0, cpuSeconds - seen);
  return shares;
}

function secondsOf({ nodes, samples, timeDeltas }: CpuProfile): Map<Kind, number> {
  const parents = new Map<number, ProfileNode>();
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node);
  const kindById = new Map(nodes.map((node) => [node.id, kindOf(node, parents)]));
  const sums = new Map<Kind, number>();
  samples.forEach((id, at) => {
    const kind = kindById.get(id) ?? null;
    if (kind !== null) sums.set(kind, (sums.get(kind) ?? 0) + Math.max(0, timeDeltas[at] ?? 0) / 1e6);
  });
  return sums;
}

/** `null` for a thread that waits. */
function kindOf(leaf: ProfileNode, parents: ReadonlyMap<number, ProfileNode>): Kind | null {
  const { functionName } = leaf.callFrame;
  if (functionName === '(idle)') return null;
  if (functionName === '(garbage collector)') return 'collection';
  if (functionName === 'crc32') return 'checksum';
  for (let node: ProfileNode | undefined = leaf; node !== undefined; node = parents.get(node.id)) {
    const { url } = node.callFrame;
    const found = places.find(([place]) => place.test(url));
    if (found !== undefined) return found[1];
  }
  return 'other JavaScript';
}
