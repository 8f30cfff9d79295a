import { HoldfastError } from '@holdfast/api';
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';

const RECOVERY_KEY_BYTES = 32;
const WORDS = 24;

/** Writes a recovery key of 32 bytes as 24 English words. */
export function wordsOf(recoveryKey: Uint8Array): string {
  return entropyToMnemonic(recoveryKey, wordlist);
}

/** Whether something is 24 recovery words, of whichever repository: their checksum fits. */
export function areRecoveryWords(text: string): boolean {
  try {
    return recoveryKeyOf(text).length === RECOVERY_KEY_BYTES;
  } catch {
    return false;
  }
}

/**
 * Reads 24 words; case and the kind of blanks between them do not matter.
 * @throws {HoldfastError} `RECOVERY_WORDS_WRONG` naming the first word that is not in the list, but for its text: it is a secret.
 */
export function recoveryKeyOf(words: string): Uint8Array {
  const list = words
    .normalize('NFKD')
    .trim()
    .toLowerCase()
    .split(/\s+/, WORDS + 1);
  if (list.length !== WORDS) {
    const count = list.length > WORDS ? `more than ${WORDS}` : String(list.length);
    throw new HoldfastError('RECOVERY_WORDS_WRONG', `there are ${count} recovery words, not ${WORDS}`);
  }
  const known = new Set(wordlist);
  const unknown = list.findIndex((word) => !known.has(word));
  if (unknown >= 0) throw new HoldfastError('RECOVERY_WORDS_WRONG', `recovery word ${unknown + 1} is not in the list`);
  try {
    const key = mnemonicToEntropy(list.join(' '), wordlist);
    if (key.length === RECOVERY_KEY_BYTES) return key;
  } catch {
    // The checksum does not fit. The cause would carry the words.
  }
  throw new HoldfastError('RECOVERY_WORDS_WRONG', 'the recovery words do not fit together: one is wrong or misplaced');
}
