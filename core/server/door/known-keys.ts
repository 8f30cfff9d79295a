import ssh2, { type ParsedKey } from 'ssh2';

/** What a client shows of its key. */
export interface ShownKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`. */
  readonly algo: string;
  /** The public key in SSH's encoding. */
  readonly data: Buffer;
}

const accepted = new Set([
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
]);

/** That one of somebody's keys which the client shows, or `null`. A line that is no key is passed over. */
export function knownKey(lines: readonly string[], shown: ShownKey): ParsedKey | null {
  if (!accepted.has(shown.algo)) return null;
  for (const line of lines) {
    const key = ssh2.utils.parseKey(line);
    if (key instanceof Error || key.type !== shown.algo) continue;
    if (shown.data.equals(key.getPublicSSH())) return key;
  }
  return null;
}

/** Whether the client has the private half. RSA only with SHA-2: `hashAlgo` is absent for the old `ssh-rsa`, which is SHA-1. */
export function provesKey(
  key: ParsedKey,
  proof: { readonly blob: Buffer; readonly signature: Buffer; readonly hashAlgo?: string | undefined },
): boolean {
  if (key.type === 'ssh-rsa' && proof.hashAlgo === undefined) return false;
  return key.verify(proof.blob, proof.signature, proof.hashAlgo) === true;
}
