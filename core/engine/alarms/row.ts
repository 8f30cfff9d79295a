import type { AlarmRow } from '../../catalog/contract.ts';
import type { Alarm } from './contract.ts';

/** Kinds, severities and facts are what the alarm engine wrote. */
export const fromRow = (row: AlarmRow): Alarm => ({
  ...row,
  kind: row.kind as Alarm['kind'],
  severity: row.severity as Alarm['severity'],
  facts: row.facts as Alarm['facts'],
});
