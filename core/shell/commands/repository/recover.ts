import { join } from 'node:path';
import { type Call, type CommandResult, HoldfastError } from '@holdfast/api';
import { replaceCatalog, requireUnused } from '../../../catalog/recover/replace.ts';
import { type CatalogState, stateOfCatalog } from '../../../catalog/recover/state.ts';
import type { SavedCatalog } from '../../../repository/catalogs/contract.ts';
import type { Repository } from '../../../repository/contract.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { formatMoment } from '../../format/times.ts';
import { placeOf as placeInWords } from '../../lookup/place-of.ts';
import { type Arguments, isSet, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { makeOwnFolder } from '../../setup/own-folder.ts';
import { detailView, plainData, textCell } from '../../view/build.ts';
import { recoveredAnswer } from './recover/answer.ts';
import { type Place, placeOf, refuseOther, type Secret, secretOf } from './recover/place.ts';
import { catalogFromPoints } from './recover/points.ts';
import { registerTarget } from './recover/register.ts';
import {
  type FreshCatalog,
  fetchCatalog,
  fetchNewest,
  namedCopy,
  onlyNewest,
  removeLeftovers,
} from './recover/saved.ts';
import { savedAnswer } from './recover/saved-view.ts';

/** Everything that is known before anything is changed. */
interface Wish {
  readonly site: Site;
  readonly args: Arguments;
  readonly place: Place;
  readonly secret: Secret;
  readonly repository: Repository;
  readonly saved: readonly SavedCatalog[];
  /** Where the catalog belongs. */
  readonly file: string;
  readonly state: CatalogState;
}

export const run: ShellHandler = async (site, args, call) => {
  if (site.sessions !== null)
    throw new HoldfastError('USAGE', 'a catalog cannot be exchanged under a server that uses it', {
      remedy: 'stop `holdfast serve`, then run this on the machine itself',
    });
  const place = await placeOf(site, args);
  const secret = await secretOf(site, args, place, call);
  const repository = await site.openRepositoryOn(place.name, place.instance, secret.unlock, call);
  try {
    const saved = await repository.catalogs(call);
    if (isSet(args, 'list')) return savedAnswer(placeInWords(place.instance), saved);
    const file = join(site.folders.data, 'catalog.db');
    const wish = { site, args, place, secret, repository, saved, file, state: stateOfCatalog(file) };
    refuseInhabited(wish);
    const chosen = chosenOf(wish);
    if (isSet(args, 'dryRun')) return planned(wish, chosen);
    await confirmChange(site, args, consequence(wish, chosen));
    requireUnused(file);
    return await recovered(wish, chosen, call);
  } finally {
    await repository.close();
  }
};

/** A catalog with a history is somebody's: it makes room only when that is said. */
function refuseInhabited({ args, file, state }: Wish): void {
  if (state.kind !== 'whole' || state.runs === 0 || isSet(args, 'replace')) return;
  throw new HoldfastError('NAME_TAKEN', `there is a catalog with ${state.runs} runs already: ${file}`, {
    remedy: 'if it is to make room, add `--replace`: it is kept beside the new one',
    facts: { file, runs: state.runs },
  });
}

/** The copy that is to be taken, if it is whole; `null` for none: the restore points then. */
function chosenOf({ args, saved }: Wish): SavedCatalog | null {
  const named = textOrNull(args, 'catalog');
  if (named !== null && isSet(args, 'fromPoints'))
    throw new HoldfastError('USAGE', '`--catalog` and `--from-points` exclude each other');
  if (isSet(args, 'fromPoints')) return null;
  return named === null ? onlyNewest(saved) : namedCopy(saved, named);
}

function consequence(wish: Wish, chosen: SavedCatalog | null): string {
  const { place, state } = wish;
  const what =
    chosen === null
      ? 'makes a catalog from the restore points'
      : `takes the catalog that was saved on ${formatMoment(chosen.savedAt)}`;
  const before = state.kind === 'none' ? '' : '; the one that is here is kept beside it';
  return `${what} from ${placeInWords(place.instance)} and makes that a target of this installation${before}`;
}

function planned(wish: Wish, chosen: SavedCatalog | null): CommandResult {
  const { state, saved } = wish;
  return {
    data: { dryRun: true, catalog: chosen === null ? null : plainData(chosen), saved: saved.length, here: state.kind },
    view: detailView('Plan', [['plan', 'Would', textCell(`This ${consequence(wish, chosen)}`)]]),
  };
}

/** Nothing here is overwritten: first the new catalog, whole, beside its place; then the target; last the exchange. Each can be done again. */
async function recovered(wish: Wish, chosen: SavedCatalog | null, call: Call): Promise<CommandResult> {
  const { site, place, secret, repository, file } = wish;
  await makeOwnFolder(site.folders.data);
  await using fresh = await freshCatalog(wish, chosen, call);
  const target = nameFor(place, fresh.from);
  if (!place.isConfigured) refuseOther((await site.config()).config.targets, target);
  const passphrase = await registerTarget(site, place, target, secret, repository, call);
  const day = new Date(site.now()).toISOString().slice(0, 10).replaceAll('-', '');
  const kept = replaceCatalog(file, fresh.file, day);
  await removeLeftovers(file);
  const done = { target, repository: repository.id, passphrase, from: fresh.from, kept, file };
  return await recoveredAnswer(site, done, call);
}

async function freshCatalog(wish: Wish, chosen: SavedCatalog | null, call: Call): Promise<FreshCatalog> {
  const { args, place, repository, saved, file } = wish;
  const name = (from: SavedCatalog): string => nameFor(place, from);
  if (chosen !== null && textOrNull(args, 'catalog') !== null)
    return await fetchCatalog(repository, chosen, file, name(chosen), call);
  const newest = chosen === null ? null : await fetchNewest(repository, saved, file, name, call);
  if (newest !== null) return newest;
  if (!isSet(args, 'fromPoints'))
    call.log('warn', 'no whole catalog is saved in this repository: making one from the restore points alone');
  return await catalogFromPoints(repository, file, nameFor(place, null), call);
}

const validName = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The name that somebody chose; else the one that the saved catalog has for it, so that its policies mean the same target. */
function nameFor({ isNamed, name }: Place, from: SavedCatalog | null): string {
  return !isNamed && from !== null && validName.test(from.target) ? from.target : name;
}
