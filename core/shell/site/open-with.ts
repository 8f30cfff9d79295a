import { isHoldfastError } from '@holdfast/api';
import type { Repository, Unlock } from '../../repository/contract.ts';

const likeWords = /^\s*(?:[a-z]+\s+){23}[a-z]+\s*$/i;

/**
 * Opens a repository with the secret of its target, which is a passphrase, or the recovery words where a repository that cannot be written was recovered: no
 * passphrase could be added to it.
 */
export async function openWith(secret: string, open: (unlock: Unlock) => Promise<Repository>): Promise<Repository> {
  if (likeWords.test(secret) && (await areRecoveryWords(secret))) {
    try {
      return await open({ recoveryWords: secret });
    } catch (failure) {
      // A passphrase may look like that, too.
      if (!isHoldfastError(failure, 'RECOVERY_WORDS_WRONG')) throw failure;
    }
  }
  return open({ passphrase: secret });
}

/** The list of words is loaded only for what looks like some. */
async function areRecoveryWords(secret: string): Promise<boolean> {
  const words = await import('../../repository/keys/recovery-words.ts');
  return words.areRecoveryWords(secret);
}
