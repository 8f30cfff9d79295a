import { HoldfastError } from '@holdfast/api';
import { findInstance } from '../../../config/instance.ts';
import type { KeyInfo, Unlock } from '../../../repository/contract.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { shortId } from '../../lookup/names.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { isSet, listOf, textOrNull } from '../../registry/argument-values.ts';
import { confirmChange } from '../../registry/confirm.ts';
import { countCell, detailView, stateCell, textCell } from '../../view/build.ts';

const count = 24;

/** Recovery words as somebody typed or kept them: the line of them in a recovery file, else all words of the text, without numbers before them. */
export function wordsOf(text: string): string {
  const wordsIn = (line: string): readonly string[] => line.toLowerCase().match(/[a-z]+/g) ?? [];
  const lines = text.split('\n').filter((line) => /^[a-z\s]+$/i.test(line));
  return (lines.map(wordsIn).find(({ length }) => length === count) ?? wordsIn(text)).join(' ');
}

const nameOf = ({ id, label }: KeyInfo): string => `${shortId(id)} ${label}`;

/** The secret of every key: those that are referred to, and for the others whoever is there is asked. */
async function secretsOf(
  site: Site,
  target: string,
  keys: readonly KeyInfo[],
  given: { readonly passphrases: readonly string[]; readonly words: readonly string[] },
  signal: AbortSignal,
): Promise<readonly Unlock[]> {
  const secrets = await site.secrets();
  const { passphrase } = findInstance(await site.config(), 'targets', target);
  const own = typeof passphrase === 'string' ? [passphrase] : [];
  const passphrases: string[] = [];
  for (const reference of new Set([...own, ...given.passphrases]))
    passphrases.push(await secrets.resolve(reference, signal));
  const words: string[] = [];
  for (const reference of new Set(given.words)) words.push(wordsOf(await secrets.resolve(reference, signal)));
  const { ask } = site;
  if (ask !== null) {
    const of = (kind: KeyInfo['kind']): readonly KeyInfo[] => keys.filter((key) => key.kind === kind);
    // Which key a secret opens shows only when it is tried, so all of the kind are named.
    const question = (kind: KeyInfo['kind'], what: string, left: number): string =>
      `${what} of the repository on ${target}, ${left} still to give (there are: ${of(kind).map(nameOf).join(', ')})`;
    for (let left = of('passphrase').length - passphrases.length; left > 0; left -= 1)
      passphrases.push(await ask.text(question('passphrase', 'A passphrase', left), { secret: true }));
    for (let left = of('recovery').length - words.length; left > 0; left -= 1)
      words.push(wordsOf(await ask.text(question('recovery', 'Recovery words', left), { secret: true })));
  }
  return [...passphrases.map((one) => ({ passphrase: one })), ...words.map((one) => ({ recoveryWords: one }))];
}

export const run: ShellHandler = async (site, args, call) => {
  const target = await chooseTarget(site, textOrNull(args, 'target'), 'TARGET');
  const repository = await site.repository(target, call);
  const keys = await repository.keys(call);
  const given = { passphrases: listOf(args, 'passphrase'), words: listOf(args, 'words') };
  const what = `makes new data keys for the repository on ${target}, and writes its ${formatNumbered(keys.length, 'key')} anew; what was written before stays readable`;
  if (isSet(args, 'dryRun')) {
    return {
      data: { dryRun: true, target, keys: keys.length },
      view: detailView('Plan', [
        ['plan', 'Would', textCell(`This ${what}`)],
        ['keys', 'Secrets that are needed', textCell(keys.map(({ kind, label }) => `${label} (${kind})`).join(', '))],
      ]),
    };
  }
  const unlocks = await secretsOf(site, target, keys, given, call.signal);
  if (unlocks.length === 0)
    throw new HoldfastError('ANSWER_MISSING', 'no secret of the repository is named', {
      remedy: 'add `--passphrase REF` for each passphrase and `--words REF` for each set of recovery words',
    });
  await confirmChange(site, args, what);
  const { generation } = await repository.rotateKeys(unlocks, call);
  return {
    data: { target, generation, keys: keys.length },
    view: detailView(`Keys of the repository on ${target}`, [
      ['state', 'State', stateCell('new data keys from now on', 'good')],
      ['generation', 'Generation', countCell(generation)],
      ['keys', 'Keys written anew', countCell(keys.length)],
    ]),
  };
};
