/** What one client, one address and all of them together may take. Times in milliseconds. */
export interface Limits {
  /** Wrong signatures, codes and passwords in one connection. Default is 3. */
  readonly triesPerConnection: number;
  /** Public keys that are offered without being known, in one connection: an agent may hold several. Default is 8. */
  readonly offersPerConnection: number;
  /** From the first byte to the login. Default is 20 s. */
  readonly loginMs: number;
  /** Connections of one address that have not logged in. Default is 10. */
  readonly waitingPerAddress: number;
  /** Connections that have not logged in. Default is 100. */
  readonly waiting: number;
  /** Channels of one connection. Default is 10. */
  readonly channels: number;
  /** Open files and folders of one SFTP session. Default is 64. */
  readonly handles: number;
  /** Requests of one SFTP session that wait for their answer. Default is 1,024. */
  readonly requests: number;
  /** Without a key pressed, a command running or a file asked for; 0 for ever. Default is 15 min. */
  readonly idleMs: number;
  /** Default is 30 s, three times. */
  readonly keepaliveMs: number;
  readonly keepaliveCount: number;
  /** How long commands that run may take to reach a safe state when the server stops. Default is 30 s. */
  readonly stopMs: number;
}

export const defaultLimits: Limits = {
  triesPerConnection: 3,
  offersPerConnection: 8,
  loginMs: 20_000,
  waitingPerAddress: 10,
  waiting: 100,
  channels: 10,
  handles: 64,
  requests: 1024,
  idleMs: 15 * 60_000,
  keepaliveMs: 30_000,
  keepaliveCount: 3,
  stopMs: 30_000,
};
