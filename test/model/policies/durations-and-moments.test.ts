import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration, writeDuration } from '../../../core/model/policies/duration.ts';
import { isZone, parseMoment } from '../../../core/model/policies/moment.ts';

describe('durations', () => {
  it('are a number with a unit, or several in a row', () => {
    expect(parseDuration('90s')).toBe(90_000);
    expect(parseDuration('1h30m')).toBe(5_400_000);
    expect(parseDuration('2w')).toBe(14 * 86_400_000);
    for (const text of ['15', 'm', '1.5h', '-4h', '4 h', '', '1y', '9'.repeat(80), '99999w'])
      expect(parseDuration(text)).toBeNull();
  });

  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_660 * 86_400 }), (seconds) => {
        expect(parseDuration(writeDuration(seconds * 1_000))).toBe(seconds * 1_000);
      }),
    );
  });
});

describe('moments of blackouts', () => {
  it('are read on the clocks of the zone', () => {
    expect(parseMoment('2026-12-24 18:00', 'UTC')).toBe(Date.UTC(2026, 11, 24, 18));
    expect(parseMoment('2026-12-24 18:00', 'America/New_York')).toBe(Date.UTC(2026, 11, 24, 23));
    expect(parseMoment('2026-07-01', 'Europe/Berlin')).toBe(Date.UTC(2026, 5, 30, 22));
    expect(parseMoment('2026-07-01T00:00Z', 'Europe/Berlin')).toBe(Date.UTC(2026, 6, 1));
  });

  it('of an hour that comes twice are the first, and in one that is left out the moment when clocks go forward', () => {
    expect(parseMoment('2026-10-25 02:30', 'Europe/Berlin')).toBe(Date.UTC(2026, 9, 25, 0, 30));
    expect(parseMoment('2026-03-29 02:30', 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 1));
  });

  it('that no calendar has are none', () => {
    for (const text of [
      '2026-02-30 10:00',
      '2026-13-01',
      '2026-01-01 24:00',
      '2026-01-01 10:60',
      'tomorrow',
      '1969-01-01',
    ])
      expect(parseMoment(text, 'UTC')).toBeNull();
    expect(isZone('Europe/Nowhere')).toBe(false);
    expect(isZone('Europe/London')).toBe(true);
  });
});
