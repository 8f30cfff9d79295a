import { type Call, type CommandResult, isHoldfastError } from '@holdfast/api';
import type { Site } from '../contract.ts';
import { detailView, plainData, stateCell, textCell } from '../view/build.ts';
import { addToConfig, editedFile, removeFromConfig } from './config-file.ts';
import type { NewInstance } from './new-instance.ts';
import { takePassphrase } from './passphrase.ts';
import { reserveWords, type WordKeeper } from './recovery-words.ts';

/** How a target is set up. */
export interface TargetWish {
  readonly target: NewInstance;
  /** Reference to the passphrase; `null` has one generated. */
  readonly passphrase: string | null;
  readonly recoveryFile: string | null;
  /** Takes a repository that is there already; its passphrase must then be given. */
  readonly mayJoin: boolean;
}

const isOther = (problem: unknown): boolean => !isHoldfastError(problem, 'REPOSITORY_EXISTS');

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

/** Makes what a target needs, in an order in which nothing is lost: a place for the words, the passphrase, the configuration, the repository. */
export async function setUpTarget(site: Site, wish: TargetWish, call: Call): Promise<CommandResult> {
  const { target } = wish;
  const words = await reserveOrJoin(site, wish);
  const passphrase = await takePassphrase(site, target.name, wish.passphrase, call).catch(async (problem) => {
    await words?.abandon();
    throw problem;
  });
  let isWritten = false;
  try {
    await addToConfig(site, 'targets', target.name, { ...target.instance, passphrase: passphrase.reference });
    isWritten = true;
    call.progress({ phase: `making the repository on ${target.name}` });
    const made = await site.createRepository(target.name, passphrase.value, call);
    await (words ?? (await reserveWords(site, wish.recoveryFile))).keep(
      made.recoveryWords,
      `the repository on ${target.name} (${made.id})`,
      call,
    );
    return answer(site, wish, made.id, passphrase.reference, words?.file ?? null, 'new');
  } catch (problem) {
    if (isHoldfastError(problem, 'RECOVERY_WORDS_WRONG')) throw problem;
    await words?.abandon();
    if (!isOther(problem) && wish.mayJoin && wish.passphrase !== null) return join(site, wish, call);
    if (isWritten) await removeFromConfig(site, 'targets', target.name);
    await passphrase.abandon();
    throw problem;
  }
}

/** Without a place for words only a repository that is there already can be taken. */
async function reserveOrJoin(site: Site, wish: TargetWish): Promise<WordKeeper | null> {
  if (wish.mayJoin && wish.passphrase !== null && wish.recoveryFile === null && site.ask === null) return null;
  return reserveWords(site, wish.recoveryFile);
}

async function join(site: Site, wish: TargetWish, call: Call): Promise<CommandResult> {
  const { name } = wish.target;
  try {
    const repository = await site.repository(name, call);
    return await answer(site, wish, repository.id, wish.passphrase ?? '', null, 'joined');
  } catch (problem) {
    await removeFromConfig(site, 'targets', name);
    throw problem;
  }
}

async function answer(
  site: Site,
  { target }: TargetWish,
  repository: string,
  reference: string,
  recoveryFile: string | null,
  how: 'new' | 'joined',
): Promise<CommandResult> {
  const file = await editedFile(site);
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
          textCell(`${reference}: without it and without the recovery words nothing can be restored`),
        ],
        ['words', 'Recovery words', textCell(wordsAre)],
        ['next', 'Next', textCell(`${site.invocation} endpoint add NAME --use kvm --path FOLDER`)],
      ],
    ),
  };
}
