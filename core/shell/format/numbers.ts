const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes for people, in powers of 1,024 with three digits: `1.21 GiB`, `512 MiB`, `17 B`. */
export function formatBytes(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  const text = value.toFixed(digits).replace(/\.0+$/, '');
  return `${bytes < 0 ? '-' : ''}${text} ${units[unit]}`;
}

let counts: Intl.NumberFormat | null = null;

/** A count with its thousands parted: `1,284`. */
export function formatCount(count: number): string {
  // Made once: a table words hundreds of counts for each frame.
  counts ??= new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
  return counts.format(Number(count));
}

/** A count with what is counted: `1 problem`, `1,284 problems`. */
export function formatNumbered(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A share of one as per cent: `98.6 %`. */
export function formatRatio(ratio: number): string {
  return `${(ratio * 100).toFixed(1).replace(/\.0$/, '')} %`;
}

/** Bytes a second: `612 MiB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}
