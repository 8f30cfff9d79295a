import { HoldfastError } from '@holdfast/api';
import type { SecretReference } from '../contract.ts';
import { nearest } from '../nearest.ts';
import { visible } from '../visible.ts';
import { withheldScheme } from '../withhold.ts';

const schemes = ['env', 'file', 'command', 'keyring', 'systemd', 'sealed'] as const;
export type SecretScheme = (typeof schemes)[number];

/** Longest value that a secret may have, in bytes. */
export const secretBytes = 64 * 1024;

/** Splits a reference. What follows the colon is for the scheme to understand. */
export function splitReference(reference: SecretReference): { readonly scheme: SecretScheme; readonly rest: string } {
  if (reference.startsWith(withheldScheme)) throw withheld(reference.slice(withheldScheme.length));
  const colon = reference.indexOf(':');
  const word = colon < 0 ? '' : reference.slice(0, colon);
  const rest = reference.slice(colon + 1);
  const scheme = schemes.find((known) => known === word);
  if (scheme !== undefined && rest.trim() !== '') return { scheme, rest };
  // The text itself is not shown: it may be the secret.
  const near = colon < 0 ? undefined : nearest(word, schemes);
  const hint = near === undefined ? '' : `; the nearest kind is "${near}:"`;
  throw new HoldfastError('SECRET_UNAVAILABLE', `this is not a reference to a secret${hint}`, {
    remedy: 'write env:NAME, file:/path, command:program, keyring:service/account, systemd:name or sealed:name',
  });
}

/** The error of a reference that leads nowhere. `why` and `remedy` never hold a value. */
export function unavailable(reference: SecretReference, why: string, remedy: string): HoldfastError {
  const shown = visible(reference, 200);
  return new HoldfastError('SECRET_UNAVAILABLE', `the secret ${shown} cannot be had: ${why}`, {
    remedy,
    facts: { reference: shown },
  });
}

function withheld(file: string): HoldfastError {
  return new HoldfastError(
    'CONFIG_UNTRUSTED',
    `a secret is to be had from a program that ${visible(file, 300)} names`,
    {
      remedy: `read that file, then \`holdfast config trust ${visible(file, 300)}\``,
      facts: { file },
    },
  );
}

/** Bytes of a secret as text, without the one line end that editors and programs add. */
export function secretText(reference: SecretReference, bytes: Uint8Array): string {
  if (bytes.length > secretBytes) {
    throw unavailable(reference, `it is longer than ${secretBytes} bytes`, 'refer to something shorter');
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw unavailable(reference, 'it is not UTF-8 text', 'store it as text');
  }
  const trimmed = text.replace(/\r?\n$/, '');
  if (trimmed === '') throw unavailable(reference, 'it is empty', 'put the secret there');
  return trimmed;
}
