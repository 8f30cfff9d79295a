import type { Algorithms } from 'ssh2';

/**
 * All that is offered. Not chacha20-poly1305, which costs twice the processor here, nor diffie-hellman-group-exchange, which ssh2 names and does not
 * know. No compression: it helps to guess secrets, and a disconnect in the middle of it throws inside of ssh2.
 */
export const algorithms: Algorithms = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org'],
  serverHostKey: ['ssh-ed25519'],
  cipher: ['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com'],
  hmac: ['hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256-etm@openssh.com'],
  compress: ['none'],
};
