import type { Alarm } from './contract.ts';

const gravity: Readonly<Record<Alarm['severity'], number>> = { critical: 0, warning: 1, info: 2 };

/** The gravest first, then the oldest. */
export const byGravity = (a: Alarm, b: Alarm): number => gravity[a.severity] - gravity[b.severity] || a.since - b.since;
