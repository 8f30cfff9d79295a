import { expect, test } from 'vitest';
import { PLANTED } from './planted.ts';
import { runSimulation } from './run-simulation.ts';

/** Long worlds, as each eighth of the suite is: a bug that so few of them do not find could get through. */
const SEEDS = 250;
const ACTIONS = 30;

test.each(Object.keys(PLANTED))(
  'the simulation finds a bug that was put in on purpose: %s',
  async (name) => {
    const { summary } = await runSimulation([
      '--seeds',
      `${SEEDS}`,
      '--actions',
      `${ACTIONS}`,
      '--planted',
      name,
      '--until-caught',
    ]);
    const [caught] = summary.failures;
    console.log(`${name}: caught by seed ${caught?.seed} after ${summary.seeds} seeds: ${caught?.violations[0]}`);
    expect(caught).toBeDefined();
  },
  600_000,
);
