import { createHash } from 'node:crypto';
import { HoldfastError } from '@holdfast/api';

/** Fingerprint of a host's public key, as `ssh-keygen -l` prints it. */
export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** Kinds of host key, the best first. A host has several; the one that was pinned may be any of them. */
export const hostKeyKinds = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
] as const;

export function hostKeyUnknown(host: string, seen: string): HoldfastError {
  return new HoldfastError('HOST_KEY_UNKNOWN', `${host} shows the key ${seen}, and none has been agreed to`, {
    remedy: `compare it with what \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` says on the host itself, then set \`hostKey: ${seen}\``,
    facts: { host, seen },
  });
}

export function hostKeyChanged(host: string, seen: string, agreed: string): HoldfastError {
  return new HoldfastError('HOST_KEY_CHANGED', `${host} shows the key ${seen}, but ${agreed} was agreed to`, {
    remedy:
      'somebody else may answer in its place: find out at the host itself, and only then set the new fingerprint as `hostKey`',
    facts: { host, seen, agreed },
  });
}
