import ssh2 from 'ssh2';

export interface KeyPair {
  /** In OpenSSH's format. */
  readonly private: string;
  /** A line as in `authorized_keys`. */
  readonly public: string;
}

/**
 * A new Ed25519 key. ssh2 1.17 cuts zeros off the front of a public key, and so writes one of 256 keys in a way that nobody can read, neither ssh2 itself:
 * such a one is thrown away.
 * @param make How keys are made. Default is ssh2.
 */
export function newKeyPair(
  make = (): KeyPair => ssh2.utils.generateKeyPairSync('ed25519', { comment: 'holdfast' }),
): KeyPair {
  for (;;) {
    const pair = make();
    const [own, shown] = [ssh2.utils.parseKey(pair.private), ssh2.utils.parseKey(pair.public)];
    if (!(own instanceof Error) && !(shown instanceof Error) && own.getPublicSSH().equals(shown.getPublicSSH()))
      return pair;
  }
}
