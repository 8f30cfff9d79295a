/** First line of a recording. */
export interface CastHeader {
  readonly startedAt: number;
  readonly columns: number;
  readonly rows: number;
  readonly who: string;
  readonly from: string;
  readonly session: string;
}

/** One thing that happened: something was drawn, the size changed, something is to be said. */
export interface CastEvent {
  readonly atMs: number;
  readonly kind: 'o' | 'r' | 'm';
  readonly text: string;
}

/** Longest line that is read; a frame of the largest screen is far shorter. */
export const maxLineLength = 4 * 1024 * 1024;
const maxHours = 24 * 366;

export function headerLine(header: CastHeader): string {
  return `${JSON.stringify({
    version: 2,
    width: header.columns,
    height: header.rows,
    timestamp: Math.floor(header.startedAt / 1000),
    title: `${header.who} from ${header.from}`,
    env: { TERM: 'xterm-256color' },
    holdfast: { startedAt: header.startedAt, who: header.who, from: header.from, session: header.session },
  })}\n`;
}

export const eventLine = ({ atMs, kind, text }: CastEvent): string =>
  `[${(atMs / 1000).toFixed(3)}, "${kind}", ${JSON.stringify(text)}]\n`;

/** `null` for a line that is no header of ours. */
export function readHeader(line: string): CastHeader | null {
  const read = parsed(line);
  if (!isRecord(read) || read.version !== 2 || !isRecord(read.holdfast)) return null;
  const { startedAt, who, from, session } = read.holdfast;
  const { width: columns, height: rows } = read;
  if (!isSize(columns) || !isSize(rows) || typeof startedAt !== 'number' || !Number.isSafeInteger(startedAt))
    return null;
  if (typeof who !== 'string' || typeof from !== 'string' || typeof session !== 'string') return null;
  return { startedAt, columns, rows, who, from, session };
}

/** `null` for a line that is no event. */
export function readEvent(line: string): CastEvent | null {
  const read = parsed(line);
  if (!Array.isArray(read) || read.length !== 3) return null;
  const [seconds, kind, text] = read as readonly unknown[];
  if (typeof seconds !== 'number' || !(seconds >= 0) || seconds > maxHours * 3600) return null;
  if ((kind !== 'o' && kind !== 'r' && kind !== 'm') || typeof text !== 'string') return null;
  return { atMs: seconds * 1000, kind, text };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSize = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 4096;

function parsed(line: string): unknown {
  if (line.length > maxLineLength) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
