import { expect, test } from 'vitest';
import { runSimulation, tellFigures } from '../reliability/simulation/run-simulation.ts';

const minutes = Number(process.env.HOLDFAST_SOAK_MINUTES ?? 25);
const FAULTS = 100_000;
/** Far more than the time allows, and none that the daily suite runs. */
const SEEDS = ['--from', '1000001', '--seeds', '100000000'];

test(
  `${minutes} minutes of simulated worlds with more than ${FAULTS} faults lose no restore point`,
  async () => {
    const { summary, said } = await runSimulation([...SEEDS, '--actions', '30', '--minutes', `${minutes}`]);
    console.log(tellFigures(summary));
    expect(summary.failures, said).toEqual([]);
    if (minutes >= 25) expect(summary.faults).toBeGreaterThanOrEqual(FAULTS);
  },
  24 * 3_600_000,
);
