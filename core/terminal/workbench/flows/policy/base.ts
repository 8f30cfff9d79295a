import type { Desk } from '../../../../shell/desk/contract.ts';
import { type Fields, fieldsOf, itemsOf, wordOf, wordsOf } from '../reading.ts';

/** What a policy is begun from: what the file says of it, or a template, in the words of `policy set`. */
export interface PolicyBase {
  readonly file: string;
  /** Whether the file has a policy of this name. */
  readonly exists: boolean;
  /** IANA time zone of the file. */
  readonly zone: string;
  readonly blackouts: readonly Fields[];
  /** Names of all policies of the file. */
  readonly policies: readonly string[];
  readonly workflows: readonly string[];
  /** The workflow that is meant where none is named; empty where one has to be. */
  readonly meant: string;
  readonly words: Fields;
}

/** Nothing is known yet. */
export const noBase: PolicyBase = {
  file: '',
  exists: false,
  zone: 'UTC',
  blackouts: [],
  policies: [],
  workflows: [],
  meant: 'backup',
  words: {},
};

/** Asks what a policy is begun from. Throws what the command throws: a file that is not valid, a template that is not there. */
export async function askBase(desk: Desk, given: Fields, signal: AbortSignal): Promise<PolicyBase> {
  const { data } = await desk.run('policy.words', { ...given, orNew: true }, { signal, ask: null });
  const told = fieldsOf(data);
  return {
    file: wordOf(told.file),
    exists: told.exists === true,
    zone: wordOf(told.zone) || 'UTC',
    blackouts: itemsOf(told.blackouts).map(fieldsOf),
    policies: wordsOf(told.policies),
    workflows: wordsOf(told.workflows),
    meant: wordOf(told.meant),
    words: fieldsOf(told.words),
  };
}

/** `every 4h`, `Sun 02:00`; empty for what runs only when somebody asks. */
export const whenOf = (words: Fields): string =>
  wordOf(words.every) === '' ? wordOf(words.schedule) : `every ${wordOf(words.every)}`;

/** Rules of a policy by target: `daily=14,weekly=8`. */
export const keepsOf = (words: Fields): ReadonlyMap<string, string> =>
  new Map(
    wordsOf(words.keep).map((word) => {
      const at = word.indexOf(':');
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
