import { createHmac, randomBytes } from 'node:crypto';

/**
 * A nonce of 12 bytes for one message under a key: random, and of the message as well. A machine that is set back to a snapshot of its memory draws the same
 * random bytes once more; for another message the nonce is another one all the same.
 */
export function hedgedNonce(key: Uint8Array, message: Uint8Array): Buffer {
  return createHmac('sha256', key)
    .update('holdfast/nonce')
    .update(randomBytes(32))
    .update(message)
    .digest()
    .subarray(0, 12);
}
