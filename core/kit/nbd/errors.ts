import type { ErrorCode, ErrorFacts, NbdSource } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';

/** What an error is about: an export of a server. */
export class Place {
  readonly address: string;
  readonly export: string;

  constructor(address: NbdSource['address'], exportName: string) {
    this.address = 'socket' in address ? address.socket : `${bracketed(address.host)}:${address.port}`;
    this.export = exportName;
  }

  toString(): string {
    return `${this.export === '' ? 'the default export' : `export ${plainText(this.export)}`} at ${this.address}`;
  }

  /** @param what Follows the name of the export. */
  error(code: ErrorCode, what: string, more: { facts?: ErrorFacts; cause?: unknown; remedy?: string } = {}) {
    return new HoldfastError(code, `${this.toString()} ${what}`, {
      ...more,
      facts: { address: this.address, export: this.export, ...more.facts },
    });
  }

  /** The server does not keep to the protocol: nothing that it says is believed any more. */
  nonsense(what: string): HoldfastError {
    return this.error('DISK_INVALID', `broke the NBD protocol: ${what}`, {
      remedy: 'check the NBD server; what it had sent until then was not used',
      facts: { reason: 'protocol' },
    });
  }

  /** Nobody answers there, or nobody that can be trusted. */
  unreachable(what: string, reason: string, cause?: unknown): HoldfastError {
    return this.error('ENDPOINT_UNREACHABLE', what, {
      remedy: 'check that the NBD server runs at this address',
      facts: { reason },
      cause,
    });
  }
}

/** Text of a server as one short line: it may say whatever it likes. */
export function plainText(text: string): string {
  const line = text.replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]+/gu, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

/** The system's name of what went wrong, or the message. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
