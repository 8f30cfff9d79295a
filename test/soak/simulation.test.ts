import { expect, test } from 'vitest';
import { runSimulation, tellFigures } from '../reliability/simulation/run-simulation.ts';

/** The worlds end when there were so many faults, or after this time. */
const FAULTS = 100_000;
const MINUTES = Number(process.env.HOLDFAST_SOAK_MINUTES ?? 25);
/** One row of seeds for each of two processors, and none that the daily suite runs. */
const ROWS = ['1000001', '2000001'];

test(
  `simulated worlds with ${FAULTS} faults, or ${MINUTES} minutes of them, lose no restore point`,
  async () => {
    const bounds = ['--seeds', '1000000', '--minutes', `${MINUTES}`, '--faults', `${FAULTS / ROWS.length}`];
    const rows = await Promise.all(
      ROWS.map((from) => runSimulation(['--from', from, '--actions', '30', '--harsh', ...bounds])),
    );
    for (const { summary } of rows) console.log(tellFigures(summary));
    for (const { summary, said } of rows) expect(summary.failures, said).toEqual([]);
    const faults = rows.reduce((sum, { summary }) => sum + summary.faults, 0);
    console.log(`${faults} faults in all, 0 violations`);
    expect(faults).toBeGreaterThan(0);
  },
  24 * 3_600_000,
);
