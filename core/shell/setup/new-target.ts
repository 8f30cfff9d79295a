import { type Call, type CommandResult, isHoldfastError } from '@holdfast/api';
import type { Site } from '../contract.ts';
import { detailView, plainData, stateCell, textCell } from '../view/build.ts';
import { addToConfig, editedFile, removeFromConfig } from './config-file.ts';
import type { NewInstance } from './new-instance.ts';
import { takePassphrase } from './passphrase.ts';
import { reserveWords } from './recovery-words.ts';

/** How a target is set up. */
export interface TargetWish {
  readonly target: NewInstance;
  /** Reference to the passphrase; `null` has one generated. */
  readonly passphrase: string | null;
  readonly recoveryFile: string | null;
  /** Takes a repository that is there already; its passphrase must then be given. */
  readonly mayJoin: boolean;
}

/** What would be done, for `--dry-run`. */
export async function describeTarget(
  site: Site,
  { target, passphrase, recoveryFile }: TargetWish,
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
    ]),
  };
}

/**
 * Makes what a target needs, in an order in which nothing is lost: a place for the words, the passphrase, the configuration, the repository.
 * Until the repository is there a failure takes everything back.
 */
export async function setUpTarget(site: Site, wish: TargetWish, call: Call): Promise<CommandResult> {
  const { target } = wish;
  if (wish.mayJoin && wish.passphrase !== null) {
    const joined = await joinExisting(site, wish, wish.passphrase, call);
    if (joined !== null) return joined;
  }
  await using undo = new AsyncDisposableStack();
  const words = await reserveWords(site, wish.recoveryFile);
  undo.defer(() => words.abandon());
  const passphrase = await takePassphrase(site, target.name, wish.passphrase, call);
  undo.defer(() => passphrase.abandon());
  await addToConfig(site, 'targets', target.name, { ...target.instance, passphrase: passphrase.reference });
  undo.defer(() => removeFromConfig(site, 'targets', target.name));
  call.progress({ phase: `making the repository on ${target.name}` });
  const made = await site.createRepository(target.name, passphrase.value, call);
  undo.move();
  await words.keep(made.recoveryWords, `the repository on ${target.name} (${made.id})`, call);
  return await answer(site, wish, made.id, passphrase.reference, words.file, 'new');
}

/** Takes the repository that is on the target already; `null` when there is none. */
async function joinExisting(
  site: Site,
  { target }: TargetWish,
  reference: string,
  call: Call,
): Promise<CommandResult | null> {
  await addToConfig(site, 'targets', target.name, { ...target.instance, passphrase: reference });
  try {
    const repository = await site.repository(target.name, call);
    return await answer(site, { target, passphrase: reference }, repository.id, reference, null, 'joined');
  } catch (problem) {
    await removeFromConfig(site, 'targets', target.name);
    if (isHoldfastError(problem, 'REPOSITORY_NOT_FOUND') || isHoldfastError(problem, 'TARGET_UNREACHABLE')) return null;
    throw problem;
  }
}

async function answer(
  site: Site,
  { target, passphrase }: Pick<TargetWish, 'target' | 'passphrase'>,
  repository: string,
  reference: string,
  recoveryFile: string | null,
  how: 'new' | 'joined',
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
        ['path', 'Place', textCell(String(target.instance.path ?? target.contribution.title))],
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
