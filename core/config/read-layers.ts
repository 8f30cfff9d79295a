import { extname } from 'node:path';
import type { ConfigProblem } from './contract.ts';
import type { Place } from './discover.ts';
import { loadFile } from './explorer.ts';
import { child, type Located, type LocatedMap } from './located.ts';
import { type ParsedText, parseText } from './parse-text.ts';
import { problemAt } from './problem.ts';
import { unreadable } from './read-text.ts';
import { runTypeScript } from './run-typescript.ts';
import { textHash } from './trust.ts';
import { withholdCommands, withholdGuards } from './withhold.ts';

/** A place and how far its content may be in effect. */
export interface JudgedPlace extends Place {
  /** `all`; `data`: without programs to run; `nothing`. */
  readonly effect: 'all' | 'data' | 'nothing';
  /** SHA-256 of the text that was judged. */
  readonly sha256: string;
}

/** What a file says, as far as it is in effect. */
export interface FileLayer {
  readonly layer: LocatedMap | null;
  readonly problems: readonly ConfigProblem[];
  /** Something of it is not in effect. */
  readonly withheld: boolean;
}

/** Reads one file through cosmiconfig. A text other than the one that was judged is refused. */
export async function readLayer(place: JudgedPlace): Promise<FileLayer> {
  if (place.effect === 'nothing') return { layer: null, problems: [], withheld: true };
  if (!['.yaml', '.yml', '.json', '.ts'].includes(extname(place.file))) {
    throw unreadable(place.file, 'its name must end in .yaml, .yml, .json or .ts');
  }
  const parsed = await loadFile(place.file, (_, text) => {
    // cosmiconfig keeps a byte order mark.
    const content = text.replace(/^\uFEFF/, '');
    if (textHash(content) !== place.sha256) throw unreadable(place.file, 'it was changed while it was read; try again');
    return parse(place, content);
  });
  if (parsed === null) return { layer: null, problems: [], withheld: false };
  return finish(place, parsed);
}

async function parse(place: Place, text: string): Promise<ParsedText> {
  const at = { layer: place.layer, place: place.file };
  if (extname(place.file) === '.ts') return await runTypeScript(text, at);
  const parsed = parseText(text, extname(place.file) === '.json' ? 'json' : 'yaml', at);
  if (!place.file.endsWith('/package.json')) return parsed;
  return { problems: parsed.problems, value: child(parsed.value ?? undefined, 'holdfast') ?? null };
}

function finish(place: JudgedPlace, parsed: ParsedText): FileLayer {
  const { value, problems } = parsed;
  if (value === null || (value.kind === 'scalar' && value.value === null)) {
    return { layer: null, problems, withheld: false };
  }
  if (value.kind !== 'map') {
    return { layer: null, problems: [problemAt(value.spot, [], 'must be a map of settings')], withheld: false };
  }
  if (place.effect === 'all') return { layer: value, problems, withheld: false };
  const { map, withheld: guards } = withholdGuards(value);
  const { node, withheld: commands }: { node: Located; withheld: number } = withholdCommands(map);
  return { layer: node.kind === 'map' ? node : map, problems, withheld: guards + commands > 0 };
}
