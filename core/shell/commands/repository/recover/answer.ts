import type { Call, CommandResult, PointSummary } from '@holdfast/api';
import { countsOf } from '../../../../catalog/recover/state.ts';
import { goneFrom } from '../../../../engine/points/rollback.ts';
import type { SavedCatalog } from '../../../../repository/catalogs/contract.ts';
import type { Site } from '../../../contract.ts';
import { formatMoment } from '../../../format/times.ts';
import { countCell, detailView, plainData, textCell } from '../../../view/build.ts';

/** What was recovered, and how. */
export interface Recovered {
  readonly target: string;
  readonly repository: string;
  readonly passphrase: string;
  readonly from: SavedCatalog | null;
  /** Where the catalog that was here is now. */
  readonly kept: string | null;
  readonly file: string;
}

/** Compares the new catalog with the repository, as every look at its restore points does, and says what to do next. */
export async function recoveredAnswer(site: Site, done: Recovered, call: Call): Promise<CommandResult> {
  const { target, from, kept } = done;
  const listed = await (await site.engine()).listPoints(target, call);
  const gone = await lackedBy(site, target, listed, call);
  const catalog = await site.catalog();
  const { config } = await site.config();
  const endpoints = [...new Set((await catalog.machineNames()).map(({ endpoint }) => endpoint))];
  const unknown = endpoints.filter((name) => !Object.hasOwn(config.endpoints, name));
  const others = [...new Set((await catalog.pointSums()).map((sum) => sum.target))];
  const absent = others.filter((name) => !Object.hasOwn(config.targets, name));
  const { runs, policies } = countsOf(done.file);
  const next = nextSteps(site, listed, unknown, absent);
  return {
    data: {
      ...plainRecovered(done),
      points: listed.length,
      runs,
      policies,
      lacked: gone.map(({ point }) => point),
      endpoints: unknown,
      targets: absent,
      next,
    },
    view: detailView(`Recovered ${target}`, [
      ['from', 'Catalog', textCell(sourceOf(from))],
      ['points', 'Restore points', countCell(listed.length)],
      ['runs', 'Runs on record', countCell(runs)],
      ['policies', 'Sets of policies', countCell(policies)],
      ['passphrase', 'Passphrase', textCell(done.passphrase)],
      ...(kept === null ? [] : [['kept', 'The catalog that was here', textCell(`kept as ${kept}`)] as const]),
      ...next.map((line, at) => [`next${at}`, at === 0 ? 'Next' : '', textCell(line)] as const),
    ]),
    ...rolledBack(target, gone),
  };
}

const plainRecovered = ({ target, repository, passphrase, from, kept }: Recovered) => ({
  target,
  repository,
  passphrase,
  from: from === null ? 'points' : 'catalog',
  catalog: from === null ? null : plainData(from),
  kept,
});

const sourceOf = (from: SavedCatalog | null): string =>
  from === null
    ? 'made from the restore points; runs and policies are not among them'
    : `as it was saved on ${formatMoment(from.savedAt)}, in a new epoch: what the old installation still completes is refused`;

/** Points that the catalog knows, that nobody may have forgotten, and that are not in the repository. */
async function lackedBy(
  site: Site,
  target: string,
  listed: readonly PointSummary[],
  call: Call,
): Promise<readonly PointSummary[]> {
  const there = new Set(listed.map(({ point }) => point));
  // Listing has noted all others as missing already.
  const lacked = (await (await site.catalog()).points({ target })).filter(({ point }) => !there.has(point));
  return goneFrom(await site.repository(target, call), lacked, call);
}

function nextSteps(
  { invocation }: Site,
  points: readonly PointSummary[],
  endpoints: readonly string[],
  targets: readonly string[],
): string[] {
  const [newest] = points;
  return [
    ...endpoints.map((name) => `${invocation} endpoint add ${name} --use KIND …`),
    ...targets.map((name) => `${invocation} target add ${name} --use KIND --passphrase REF …`),
    ...(newest === undefined
      ? []
      : [`${invocation} restore machine ${newest.machineName} --as ${newest.machineName}-restored`]),
    `${invocation} repository check`,
  ];
}

function rolledBack(target: string, gone: readonly PointSummary[]): Pick<CommandResult, 'failure'> {
  const [newest] = gone;
  if (newest === undefined) return {};
  return {
    failure: {
      code: 'REPOSITORY_ROLLED_BACK',
      message: `the catalog is recovered, and it knows ${gone.length} restore points that the repository lacks, the newest of ${newest.machineName}, committed on ${formatMoment(newest.committedAt)}`,
      remedy: `look for a newer state of the repository; if there is none, \`holdfast repository accept ${target}\``,
    },
  };
}
