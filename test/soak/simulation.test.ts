import { expect, test } from 'vitest';
import { runSimulation, tellFigures } from '../reliability/simulation/run-simulation.ts';

const minutes = Number(process.env.HOLDFAST_SOAK_MINUTES ?? 25);
const FAULTS = 100_000;
/** Far more than the time allows, one row for each of two processors, and none that the daily suite runs. */
const ROWS = ['1000001', '2000001'];
const SEEDS = 1_000_000;

test(`${minutes} minutes of simulated worlds with more than ${FAULTS} faults lose no restore point`, async () => {
  const rows = await Promise.all(
    ROWS.map((from) =>
      runSimulation(['--from', from, '--seeds', `${SEEDS}`, '--actions', '30', '--minutes', `${minutes}`, '--harsh']),
    ),
  );
  for (const { summary } of rows) console.log(tellFigures(summary));
  for (const { summary, said } of rows) expect(summary.failures, said).toEqual([]);
  const faults = rows.reduce((sum, { summary }) => sum + summary.faults, 0);
  if (minutes >= 25) expect(faults).toBeGreaterThanOrEqual(FAULTS);
}, 24 * 3_600_000);
