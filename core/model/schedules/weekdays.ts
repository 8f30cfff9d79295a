/** Names of days as they are written; the index is the number of the day, 0 is Sunday. */
export const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;

const longNames = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];
const groups: Readonly<Record<string, readonly number[]>> = {
  DAILY: [0, 1, 2, 3, 4, 5, 6],
  WEEKDAYS: [1, 2, 3, 4, 5],
  WEEKENDS: [0, 6],
};

const dayOf = (name: string): number => {
  const short = dayNames.indexOf(name as (typeof dayNames)[number]);
  return short >= 0 ? short : longNames.indexOf(name);
};

/**
 * Reads days: `daily`, `weekdays`, `weekends`, `Mon`, `Mon,Wed`, `Mon-Fri`, `Sat-Mon`. Sorted, each once; `null` when it is none of these. Case does not
 * matter.
 */
export function parseDays(text: string): readonly number[] | null {
  const group = groups[text.toUpperCase()];
  if (group !== undefined) return group;
  const days = new Set<number>();
  for (const item of text.toUpperCase().split(',')) {
    const [from = '', to = from, ...more] = item.split('-');
    const [first, last] = [dayOf(from), dayOf(to)];
    if (first < 0 || last < 0 || more.length > 0) return null;
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}

/** Minutes since midnight of `7:30` or `07:30`, up to `24:00` where that is allowed; `null` when it is none. */
export function parseTime(text: string, mayBeEnd = false): number | null {
  const [, hour = '', minute = ''] = /^(\d{1,2}):(\d\d)$/.exec(text) ?? [];
  if (hour === '' || Number(minute) > 59) return null;
  const minutes = Number(hour) * 60 + Number(minute);
  return minutes < 1_440 || (mayBeEnd && minutes === 1_440) ? minutes : null;
}
