const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Ten years; nobody means more. */
const longestMs = 3_660 * 86_400_000;

/**
 * Reads a duration as policy files have it: `90s`, `15m`, `4h`, `1d`, `2w`, `1h30m`. In milliseconds; `null` when it is none, or longer than ten years.
 * @see docs/formats/policies.md
 */
export function parseDuration(text: string): number | null {
  const written = text.trim();
  if (written.length > 64 || !/^(?:\d{1,9}[smhdw])+$/.test(written)) return null;
  let sum = 0;
  for (const [, count = '', unit = ''] of written.matchAll(/(\d+)([smhdw])/g))
    sum += Number(count) * (unitMs[unit] ?? 0);
  return sum <= longestMs ? sum : null;
}

/** Writes a duration so that reading it gives the same, to the second: `4h`, `1h30m`. Weeks only where it is whole weeks. */
export function writeDuration(ms: number): string {
  let left = Math.round(ms / 1_000) * 1_000;
  if (left <= 0) return '0s';
  const units = left % 604_800_000 === 0 ? ['w'] : ['d', 'h', 'm', 's'];
  let text = '';
  for (const unit of units) {
    const size = unitMs[unit] ?? 1;
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text;
}
