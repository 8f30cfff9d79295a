import { type Call, type CommandResult, HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Instance } from '../../config/contract.ts';
import { findInstance } from '../../config/instance.ts';
import type { Repository } from '../../repository/contract.ts';
import type { Site } from '../contract.ts';
import { placeOf } from '../lookup/place-of.ts';
import { detailView, plainData, stateCell, textCell } from '../view/build.ts';
import { addToConfig, editedFile } from './config-file.ts';
import type { NewInstance } from './new-instance.ts';
import { generatedBefore, takePassphrase } from './passphrase.ts';
import { holdsWordsOf, reserveWords } from './recovery-words.ts';

/** How a target is set up. */
export interface TargetWish {
  readonly target: NewInstance;
  /** Reference to the passphrase; `null` has one generated. */
  readonly passphrase: string | null;
  readonly recoveryFile: string | null;
  /** A configured target whose repository a new one becomes a relative of. */
  readonly family: string | null;
}

/** What would be done, for `--dry-run`. */
export async function describeTarget(
  site: Site,
  { target, passphrase, recoveryFile, family }: TargetWish,
): Promise<CommandResult> {
  const file = await editedFile(site);
  const settings = Object.entries(target.instance).map(([key, value]) => `${key}=${String(value)}`);
  return {
    data: { dryRun: true, name: target.name, instance: plainData(target.instance), file },
    view: detailView(`Would set up target ${target.name}`, [
      ['settings', 'Settings', textCell(settings.join(' '))],
      ['file', 'Configuration', textCell(file)],
      ['passphrase', 'Passphrase', textCell(passphrase ?? 'generated, in a file that only you can read')],
      ['words', 'Recovery words', textCell(recoveryFile ?? 'shown once, to be typed back')],
      ...(family === null ? [] : [['family', 'Of one family with', textCell(family)] as const]),
    ]),
  };
}

/**
 * Makes what a target needs, in an order in which nothing is lost: a place for the words, the passphrase, the repository, the words in
 * their place, and last the configuration. Until the repository is there a failure takes everything back; an attempt that was
 * killed goes on when it is made again, for the passphrase that it generated opens what it made.
 */
export async function setUpTarget(site: Site, wish: TargetWish, call: Call): Promise<CommandResult> {
  const { target } = wish;
  if (wish.family !== null) findInstance(await site.config(), 'targets', wish.family);
  const before = wish.passphrase === null ? await generatedBefore(site, target.name) : null;
  const reference = wish.passphrase ?? before;
  if (reference !== null) {
    const taken = await takeExisting(site, wish, reference, before !== null, call);
    if (taken !== null) return taken;
  }
  await using undo = new AsyncDisposableStack();
  const words = await reserveWords(site, wish.recoveryFile);
  undo.defer(() => words.abandon());
  const passphrase = await takePassphrase(site, target.name, reference, call);
  undo.defer(() => passphrase.abandon());
  const instance = { ...target.instance, passphrase: passphrase.reference };
  call.progress({ phase: `making the repository on ${target.name}` });
  const secret = { passphrase: passphrase.value, isGenerated: wish.passphrase === null };
  const made = await site.createRepository(target.name, instance, secret, call, wish.family);
  undo.move();
  try {
    await words.keep(made.recoveryWords, `the repository on ${target.name} (${made.id})`, call);
  } finally {
    // Words can be made anew, but only for a target that is configured.
    await addToConfig(site, 'targets', target.name, instance);
  }
  return await answer(site, wish, made.id, passphrase.reference, words.file, 'new');
}

/**
 * Takes the repository that is on the target already; `null` when there is none.
 * @param isResumed It was made by an attempt that was killed: whether its words were kept is not known.
 */
async function takeExisting(
  site: Site,
  wish: TargetWish,
  reference: string,
  isResumed: boolean,
  call: Call,
): Promise<CommandResult | null> {
  const { target } = wish;
  const { value } = await takePassphrase(site, target.name, reference, call);
  const instance = { ...target.instance, passphrase: reference };
  const repository = await openExisting(site, target.name, instance, value, isResumed ? reference : null, call);
  if (repository === null) return null;
  if (wish.family !== null)
    call.log(
      'warn',
      `there is a repository on ${target.name} already: it stays what it is, and becomes no relative of ${wish.family}`,
    );
  try {
    let file = null;
    if (isResumed) {
      call.log('info', `an earlier attempt made the repository on ${target.name}: going on from there`);
      file = await keepWords(site, wish, repository, call);
    }
    await addToConfig(site, 'targets', target.name, instance);
    return await answer(site, wish, repository.id, reference, file, isResumed ? 'resumed' : 'joined');
  } finally {
    await repository.close();
  }
}

async function openExisting(
  site: Site,
  name: string,
  instance: Instance,
  passphrase: string,
  generatedIn: string | null,
  call: Call,
): Promise<Repository | null> {
  try {
    return await site.openRepositoryOn(name, instance, passphrase, call);
  } catch (problem) {
    if (isHoldfastError(problem, 'REPOSITORY_NOT_FOUND') || isHoldfastError(problem, 'TARGET_UNREACHABLE')) return null;
    if (generatedIn === null || !isHoldfastError(problem, 'PASSPHRASE_WRONG')) throw problem;
    const message = `there is a repository on ${name} already, which the passphrase in ${generatedIn} does not open`;
    throw new HoldfastError('REPOSITORY_EXISTS', message, {
      remedy: 'say where its passphrase is with `--passphrase REF`, or choose another folder',
      cause: problem,
    });
  }
}

/** Keeps new words of a repository whose own may be lost, unless the file has them. Answers the file. */
async function keepWords(
  site: Site,
  { target, recoveryFile }: TargetWish,
  repository: Repository,
  call: Call,
): Promise<string | null> {
  if (recoveryFile !== null && (await holdsWordsOf(recoveryFile, repository.id))) return recoveryFile;
  const keeper = await reserveWords(site, recoveryFile);
  const made = await repository.addRecovery('recovery words', call).catch(async (problem) => {
    await keeper.abandon();
    throw problem;
  });
  await keeper.keep(made.words, `the repository on ${target.name} (${repository.id})`, call);
  return keeper.file;
}

async function answer(
  site: Site,
  { target, passphrase }: Pick<TargetWish, 'target' | 'passphrase'>,
  repository: string,
  reference: string,
  recoveryFile: string | null,
  how: 'new' | 'joined' | 'resumed',
): Promise<CommandResult> {
  const file = await editedFile(site);
  const isGenerated = passphrase === null;
  const passphraseIs = isGenerated ? `generated and kept in ${reference}, which only you can read` : reference;
  const wordsAre =
    how === 'joined'
      ? 'as they were'
      : recoveryFile === null
        ? 'shown and typed back'
        : `in ${recoveryFile}: print it, put it away, remove the file`;
  return {
    data: { target: target.name, repository, configuration: file, passphrase: reference, recoveryFile, how },
    view: detailView(
      how === 'new' ? `Target ${target.name} is ready` : `Target ${target.name} holds a repository, which is ready`,
      [
        ['state', 'State', stateCell(how === 'new' ? 'repository made' : 'repository opened', 'good')],
        ['path', 'Place', textCell(placeOf(target.instance) || target.contribution.title)],
        ['repository', 'Repository', textCell(repository)],
        ['file', 'Configuration', textCell(file)],
        [
          'passphrase',
          'Passphrase',
          textCell(`${passphraseIs}; without it and without the recovery words nothing can be restored`),
        ],
        ['words', 'Recovery words', textCell(wordsAre)],
        ['next', 'Next', textCell(`${site.invocation} endpoint add NAME --use kvm --path FOLDER`)],
      ],
    ),
  };
}
