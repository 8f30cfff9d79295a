import type { Machine } from '@holdfast/api';

/** What libvirt says of a disk. Bytes. */
export interface BlockInfo {
  readonly capacity: number;
  readonly allocation: number | null;
}

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** An identity as libvirt gives it, or `null` for what is none: nothing else is ever put into a command. */
export const asUuid = (text: string): string | null => (uuidShape.test(text) ? text : null);

/** Answer of `list --all --uuid --name`: a name may hold blanks, an identity never. */
export function readDomainList(text: string): readonly { readonly uuid: string; readonly name: string }[] {
  const found = [];
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    const uuid = asUuid(space < 0 ? line.trim() : line.slice(0, space));
    if (uuid !== null) found.push({ uuid, name: space < 0 ? '' : line.slice(space + 1).trim() });
  }
  return found;
}

/** Answer of `domblkinfo --all`: target, capacity, allocation, physical; `-` for what is not known. */
export function readBlockInfo(text: string): ReadonlyMap<string, BlockInfo> {
  const found = new Map<string, BlockInfo>();
  for (const line of text.split('\n')) {
    const [, key, capacity, allocation] =
      /^\s*(\S+)\s+(\d{1,16}|-)\s+(\d{1,16}|-)\s+(?:\d{1,16}|-)\s*$/.exec(line) ?? [];
    if (key === undefined || capacity === undefined || capacity === '-') continue;
    if (!Number.isSafeInteger(Number(capacity))) continue;
    found.set(key, { capacity: Number(capacity), allocation: allocation === '-' ? null : Number(allocation) });
  }
  return found;
}

/** Answer of `domstate`. */
export function readState(text: string): Machine['power'] {
  const said: string = text.trim().split('\n', 1)[0] ?? '';
  switch (said) {
    case 'running':
    case 'idle':
    case 'in shutdown':
      return 'on';
    case 'paused':
    case 'pmsuspended':
      return 'suspended';
    case 'shut off':
    case 'crashed':
      return 'off';
    default:
      return 'unknown';
  }
}

/** Answer of `domjobinfo`: what is done with a machine right now, or `null`. */
export function readJob(text: string): string | null {
  const kind = /^Job type:\s+(\S.*?)\s*$/m.exec(text)?.[1];
  if (kind === undefined || kind === 'None' || kind === 'Completed') return null;
  return /^Operation:\s+(\S.*?)\s*$/m.exec(text)?.[1] ?? kind;
}

/** A line of `event --all --loop --timestamp`. Of a name with quotes in it the last one ends it. */
export interface DomainEvent {
  readonly event: string;
  readonly name: string;
  readonly detail: string;
}

export function readEvent(line: string): DomainEvent | null {
  const found = /^[\d-]+ [\d:.]+\+\d+: event '([a-z-]+)' for domain '(.*)'(?:: (.*))?$/.exec(line.slice(0, 4096));
  if (found === null) return null;
  return { event: found[1] ?? '', name: found[2] ?? '', detail: found[3] ?? '' };
}

/** What timed commands took together: the sum of each `(Time: 1.234 ms)`, in milliseconds. */
export function readTime(text: string): number {
  let sum = 0;
  for (const [, ms] of text.matchAll(/\(Time: (\d{1,9}(?:\.\d{1,6})?) ms\)/g)) sum += Number(ms);
  return sum;
}
