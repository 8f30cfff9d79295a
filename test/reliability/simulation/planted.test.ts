import { expect, test } from 'vitest';
import { PLANTED } from './planted.ts';
import { runSimulation } from './run-simulation.ts';

/** As many as the suite runs: a bug that these do not find would get through. */
const SEEDS = Number(process.env.HOLDFAST_SIMULATED_SEEDS ?? 500);

test.each(Object.keys(PLANTED))(
  'the simulation finds a bug that was put in on purpose: %s',
  async (name) => {
    const { summary } = await runSimulation(['--seeds', `${SEEDS}`, '--planted', name, '--until-caught']);
    const [caught] = summary.failures;
    console.log(`${name}: caught by seed ${caught?.seed} after ${summary.seeds} seeds: ${caught?.violations[0]}`);
    expect(caught).toBeDefined();
  },
  600_000,
);
