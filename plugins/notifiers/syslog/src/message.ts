import type { Notice } from '@holdfast/api';

/** Where a message comes from. */
export interface Sender {
  /** Number of the facility, 0 to 23. */
  readonly facility: number;
  readonly host: string;
  readonly process: number;
}

const severities: Readonly<Record<Notice['severity'], number>> = { info: 6, warning: 4, critical: 2 };

/** Enterprise number that is set aside for examples: nobody else's words are mistaken for ours, nor ours for theirs. */
const dataId = 'holdfast@32473';
const mostFacts = 20;
const mostFactBytes = 256;

/** Printable ASCII only, as a header field must be; `-` when nothing is left. */
const field = (text: string, most: number): string => text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, most) || '-';

/** A name of structured data has no `=`, `]`, `"` or blank. */
const parameterName = (text: string): string => text.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 32);

const parameterValue = (text: string): string =>
  text.slice(0, mostFactBytes).replaceAll(/[\\"\]]/g, (sign) => `\\${sign}`);

/** On one line: many receivers end a message at its first line feed. */
const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\s*\n\s*/g, ' | ')
    .replaceAll(/\p{Cc}/gu, ' ');

/** Facts are left out from the first on that does not fit: a message has to say what it is about. */
function structuredData({ id, from, remedy, facts }: Notice, mostBytes: number): string {
  const own: readonly (readonly [string, string])[] = [
    ['id', id],
    ['from', from],
    ...(remedy === null ? [] : [['remedy', remedy] as const]),
  ];
  const taken = new Set(own.map(([name]) => name));
  const more = Object.entries(facts)
    .map(([name, value]) => [parameterName(name), String(value)] as const)
    .filter(([name]) => name !== '' && !taken.has(name) && taken.add(name))
    .slice(0, mostFacts);
  let data = `[${dataId}`;
  for (const [name, value] of [...own, ...more]) {
    const parameter = ` ${name}="${parameterValue(oneLine(value))}"`;
    if (Buffer.byteLength(data) + Buffer.byteLength(parameter) + 1 > mostBytes) break;
    data += parameter;
  }
  return data === `[${dataId}` ? '-' : `${data}]`;
}

/**
 * A notice as RFC 5424 has it, in UTF-8, of at most so many bytes: its text is cut, never its head.
 * @see docs/formats/notices.md, Syslog
 */
export function syslogMessage(notice: Notice, { facility, host, process }: Sender, mostBytes: number): Buffer {
  const priority = facility * 8 + severities[notice.severity];
  const time = new Date(notice.at).toISOString();
  const head = `<${priority}>1 ${time} ${field(host, 255)} holdfast ${process} ${field(notice.kind, 32)}`;
  const said = notice.text === '' ? notice.title : `${notice.title} | ${notice.text}`;
  const start = Buffer.from(`${head} ${structuredData(notice, Math.floor(mostBytes / 2))} \ufeff`);
  return Buffer.concat([start, cutUtf8(Buffer.from(oneLine(said)), Math.max(0, mostBytes - start.length))]);
}

/** The beginning of a text that is cut between two letters, never within one. */
export function cutUtf8(bytes: Buffer, most: number): Buffer {
  if (bytes.length <= most) return bytes;
  let end = most;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
