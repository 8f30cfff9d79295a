// Names of the numbers on the wire.
// Source: https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md

/** `NBDMAGIC` and `IHAVEOPT`, as 64-bit numbers. */
export const GREETING = 0x4e42444d41474943n;
export const NEWSTYLE = 0x49484156454f5054n;
export const OLDSTYLE = 0x0000420281861253n;
export const OPTION_REPLY = 0x0003e889045565a9n;
export const REQUEST = 0x25609513;
export const SIMPLE_REPLY = 0x67446698;
export const STRUCTURED_REPLY = 0x668e33ef;

/** Flags of the greeting; the client answers with the same bits. */
export const FIXED_NEWSTYLE = 1;
export const NO_ZEROES = 2;

export const OPTION = {
  exportName: 1,
  abort: 2,
  list: 3,
  startTls: 5,
  info: 6,
  go: 7,
  structuredReply: 8,
  listMetaContext: 9,
  setMetaContext: 10,
} as const;

export const REPLY = {
  ack: 1,
  server: 2,
  info: 3,
  metaContext: 4,
  unsupported: 0x8000_0001,
  policy: 0x8000_0002,
  invalid: 0x8000_0003,
  platform: 0x8000_0004,
  tlsRequired: 0x8000_0005,
  unknown: 0x8000_0006,
  shutdown: 0x8000_0007,
  blockSizeRequired: 0x8000_0008,
  tooBig: 0x8000_0009,
} as const;
export const REPLY_ERROR = 0x8000_0000;

export const INFO = { export: 0, name: 1, description: 2, blockSize: 3 } as const;

/** Flags of an export. */
export const EXPORT = {
  hasFlags: 1,
  readOnly: 2,
  canFlush: 4,
  canFua: 8,
  rotational: 16,
  canTrim: 32,
  canZero: 64,
  canDontFragment: 128,
  canMultiConn: 256,
} as const;

export const COMMAND = {
  read: 0,
  write: 1,
  disconnect: 2,
  flush: 3,
  trim: 4,
  cache: 5,
  writeZeroes: 6,
  blockStatus: 7,
} as const;
export const REQUEST_FLAG = { fua: 1, noHole: 2, dontFragment: 4, oneExtent: 8 } as const;

export const CHUNK = {
  none: 0,
  offsetData: 1,
  offsetHole: 2,
  blockStatus: 5,
  error: 0x8001,
  errorOffset: 0x8002,
} as const;
export const CHUNK_ERROR = 0x8000;
export const CHUNK_DONE = 1;

export const HANDSHAKE_HEADER_BYTES = 18;
export const OPTION_HEADER_BYTES = 16;
export const OPTION_REPLY_HEADER_BYTES = 20;
export const REQUEST_BYTES = 28;
export const SIMPLE_REPLY_BYTES = 16;
export const STRUCTURED_REPLY_BYTES = 20;

/** Longest name, query or message that the protocol knows. */
export const MOST_TEXT_BYTES = 4096;
/** What may be asked for at a time of somebody who names no limits. */
export const USUAL_MOST_BYTES = 32 * 1024 * 1024;

export const BASE_ALLOCATION = 'base:allocation';
/** Flags of `base:allocation`. */
export const HOLE = 1;
export const ZERO = 2;

const errnos: Readonly<Record<number, string>> = {
  1: 'EPERM',
  5: 'EIO',
  12: 'ENOMEM',
  22: 'EINVAL',
  28: 'ENOSPC',
  75: 'EOVERFLOW',
  95: 'ENOTSUP',
  108: 'ESHUTDOWN',
};

/** Name of an error number on the wire: the same on each system. */
export function errnoName(errno: number): string {
  return errnos[errno] ?? `errno ${errno}`;
}
