import { expect, test } from 'vitest';
import { runSimulation, tellFigures } from './run-simulation.ts';

const SEEDS = Number(process.env.HOLDFAST_SIMULATED_SEEDS ?? 500);
const REPLAYED = 20;

test(`${SEEDS} simulated worlds of hosts, faults and wrong clocks lose no restore point and show none that is not whole`, async () => {
  const { summary, said } = await runSimulation(['--seeds', `${SEEDS}`]);
  console.log(tellFigures(summary));
  expect(summary.failures, said).toEqual([]);
  expect(summary.seeds).toBe(SEEDS);
  expect(summary.figures.acknowledged).toBeGreaterThan(SEEDS);
  expect(summary.figures.compared).toBeGreaterThan(SEEDS);
}, 600_000);

test('a seed of the simulation goes the very same way when it is run again', async () => {
  const { summary, said } = await runSimulation(['--seeds', `${REPLAYED}`, '--from', '700001', '--twice']);
  expect(summary.failures, said).toEqual([]);
  expect(summary.replayed).toBe(REPLAYED);
}, 120_000);
