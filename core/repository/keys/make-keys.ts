import { randomBytes } from 'node:crypto';
import { HoldfastError } from '@holdfast/api';
import type { NewPassphrase } from '../contract.ts';
import { recoveryWrappingKey } from './derive.ts';
import { newSalt, sealKey } from './key-object.ts';
import { type KeyPayload, writePayload } from './key-payload.ts';
import { generatedCost, type PassphraseCost, passphraseKey } from './passphrase.ts';
import { wordsOf } from './recovery-words.ts';

/** What is written beside a new key. */
export interface KeyNote {
  /** Id of the repository. */
  readonly repository: string;
  readonly label: string;
  readonly createdAt: number;
}

export interface MadeKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

const about = ({ secrets }: KeyPayload, note: KeyNote): KeyNote & { readonly generation: number } => ({
  ...note,
  generation: Math.max(...Object.keys(secrets.generations).map(Number)),
});

const MAX_LABEL = 1024;

function checkLabel(label: string): void {
  if (label.length <= MAX_LABEL) return;
  throw new HoldfastError('NAME_INVALID', `the label of a key is longer than ${MAX_LABEL} characters`);
}

/**
 * Wraps the secrets for a passphrase. Throws `USAGE` for an empty one.
 * @param usualCost Of trying one that a person has chosen.
 */
export async function makePassphraseKey(
  { passphrase, isGenerated = false }: NewPassphrase,
  usualCost: PassphraseCost,
  payload: KeyPayload,
  note: KeyNote,
): Promise<MadeKey> {
  checkLabel(note.label);
  if (passphrase.length === 0) {
    throw new HoldfastError('USAGE', 'the passphrase is empty', { remedy: 'choose a passphrase of several words' });
  }
  const salt = newSalt();
  const cost = isGenerated ? generatedCost : usualCost;
  const wrappingKey = await passphraseKey(passphrase, salt, cost);
  return sealKey({ kind: 'passphrase', cost, salt }, wrappingKey, writePayload(payload), about(payload, note));
}

/**
 * Wraps the secrets for 24 words, which are stored nowhere.
 * @param recoveryKey What the words stand for; new ones by default.
 */
export function makeRecoveryKey(
  payload: KeyPayload,
  note: KeyNote,
  recoveryKey: Uint8Array = randomBytes(32),
): MadeKey & { readonly words: string } {
  checkLabel(note.label);
  const salt = newSalt();
  const wrappingKey = recoveryWrappingKey(recoveryKey, salt);
  return {
    ...sealKey({ kind: 'recovery', salt }, wrappingKey, writePayload(payload), about(payload, note)),
    words: wordsOf(recoveryKey),
  };
}
