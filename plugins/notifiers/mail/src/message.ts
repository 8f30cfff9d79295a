import { createHash } from 'node:crypto';
import type { Notice } from '@holdfast/api';

/** Who writes to whom. */
export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

const maximumLine = 76;
/** Longest fact, in UTF-16 units. */
const mostFact = 1000;

/**
 * A text as a header's value: as it stands where that is plain ASCII, else in encoded words of at most 75 characters.
 * @see RFC 2047, section 2
 */
export function headerText(text: string): string {
  const line = text
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
  // What looks like an encoded word would be decoded, though nobody encoded it.
  if (/^[\x20-\x7e]*$/.test(line) && !line.includes('=?')) return line;
  const words: string[] = [];
  let part = '';
  for (const letter of line) {
    // 45 bytes are 60 characters of base64; `=?utf-8?B?` and `?=` are 12 more.
    if (Buffer.byteLength(part + letter) > 45) {
      words.push(part);
      part = '';
    }
    part += letter;
  }
  words.push(part);
  return words.map((word) => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ');
}

/** A text as lines that any mail server takes. @see RFC 2045, section 6.7 */
export function quotedPrintable(text: string): string {
  return text
    .toWellFormed()
    .split(/\r\n|\r|\n/)
    .map((line) => quotedLine(Buffer.from(line)))
    .join('\r\n');
}

function quotedLine(bytes: Buffer): string {
  const lines: string[] = [];
  let line = '';
  for (const [index, byte] of bytes.entries()) {
    const isLast = index === bytes.length - 1;
    const isPlain = (byte > 0x20 && byte < 0x7f && byte !== 0x3d) || ((byte === 0x20 || byte === 0x09) && !isLast);
    const sign = isPlain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    if (line.length + sign.length > maximumLine - 1) {
      lines.push(`${line}=`);
      line = '';
    }
    line += sign;
  }
  lines.push(line);
  return lines.join('\r\n');
}

/** A phrase before an address. */
function phrase(text: string): string {
  const value = headerText(text);
  return value.startsWith('=?') ? value : `"${value.replaceAll(/[\\"]/g, (sign) => `\\${sign}`)}"`;
}

const word = (text: string): string => text.replaceAll(/[^A-Za-z0-9.-]/g, '_').slice(0, 200);

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A moment as RFC 5322 has it, in UTC. */
export function mailDate(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${days[date.getUTCDay()]}, ${two(date.getUTCDate())} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

/** The same for the same notice, so that mail programs show a repetition once, and for no other: servers throw away what they have already. */
export const messageId = ({ id }: Notice, from: string): string => {
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 16);
  return `<${word(id).slice(0, 100)}.${digest}@${from.slice(from.lastIndexOf('@') + 1)}>`;
};

/** A notice as a mail: headers, an empty line, text. @see docs/formats/notices.md, Mail */
export function mailOf(notice: Notice, { from, to }: Envelope): string {
  const { kind, severity, title, text, remedy, facts } = notice;
  const recipients = to.join(',\r\n ');
  const isGrave = severity === 'critical';
  const known = Object.entries(facts).map(([name, value]) =>
    `${name}: ${value === null ? 'none' : String(value)}`.replaceAll(/\p{Cc}+/gu, ' ').slice(0, mostFact),
  );
  const parts = [
    text,
    ...(remedy === null ? [] : [`What to do: ${remedy}`]),
    ...(known.length > 0 ? [known.join('\n')] : []),
  ];
  const headers = [
    `From: ${phrase(`Holdfast ${notice.from}`)}\r\n <${from}>`,
    `To: ${recipients}`,
    `Subject: ${headerText(title)}`,
    `Date: ${mailDate(notice.at)}`,
    `Message-ID: ${messageId(notice, from)}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    'Auto-Submitted: auto-generated',
    `X-Holdfast-Notice: ${word(notice.id)}`,
    `X-Holdfast-Kind: ${word(kind)}`,
    `X-Holdfast-Severity: ${word(severity)}`,
    ...(isGrave ? ['Importance: high', 'X-Priority: 1'] : []),
  ];
  return `${headers.join('\r\n')}\r\n\r\n${quotedPrintable(parts.join('\n\n'))}\r\n`;
}

/** A mail as it goes after DATA: lines that begin with a full stop get another, and one that is nothing else ends it. */
export const stuffed = (mail: string): string => `${mail.replaceAll(/^\./gm, '..').replace(/(\r\n)?$/, '\r\n')}.\r\n`;
