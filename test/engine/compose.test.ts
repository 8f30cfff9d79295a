import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isHoldfastError, type Port } from '@holdfast/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PlannedStep } from '../../core/catalog/contract.ts';
import { composeWorkflow } from '../../core/engine/compose/compose.ts';
import { settingsChecker } from '../../core/engine/compose/settings.ts';
import type { PluginHost } from '../../core/host/contract.ts';
import { openPluginHost } from '../../core/host/open.ts';

const config = {
  endpoints: { lab: { use: 'kvm' } },
  targets: { 'disk-main': { use: 'disk' } },
  slots: {},
  keep: {},
  compression: 3,
  workers: 0,
  plugins: {},
};
let folder: string;
let host: PluginHost;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-compose-'));
  host = await openPluginHost({
    shippedFolder: fileURLToPath(new URL('../../plugins', import.meta.url)),
    addedFolder: join(folder, 'plugins'),
    dataFolder: join(folder, 'data'),
    log: () => {},
  });
});

afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true });
});

const compose = (steps: readonly PlannedStep[], start: readonly Port[] = ['machine']) =>
  composeWorkflow(steps, start, host.techniques(), settingsChecker(config));

function refusal(steps: readonly PlannedStep[], start?: readonly Port[]) {
  try {
    compose(steps, start);
  } catch (problem) {
    if (isHoldfastError(problem)) return problem;
    throw problem;
  }
  throw new Error('it was composed');
}

const snapshot: PlannedStep = { use: 'snapshot', settings: {} };
const proxy: PlannedStep = { use: 'proxy', settings: { to: 'disk-main' } };

test('a snapshot that is read through a proxy fits together and gives a restore point', () => {
  const workflow = compose([snapshot, proxy]);
  expect(workflow.gives).toContain('restore-point');
  expect(workflow.steps.map(({ use }) => use)).toEqual(['snapshot', 'proxy']);
});

test('settings that were left out come back with their defaults', () => {
  expect(compose([snapshot, proxy]).steps[0]?.settings).toEqual({
    quiesce: 'none',
    otherwise: 'refuse',
    freezeSeconds: 10,
  });
});

test('steps in the wrong order are refused with the step, what it lacks, and the move that helps', () => {
  const problem = refusal([proxy, snapshot]);
  expect(problem.code).toBe('WORKFLOW_INVALID');
  expect(problem.message).toBe('step 1 (proxy) needs a snapshot, and nothing before it gives one');
  expect(problem.remedy).toBe('move step 2 (snapshot), which gives a snapshot, before it');
});

test('a missing step is refused with the technique that would give what is missing', () => {
  const problem = refusal([proxy]);
  expect(problem.remedy).toBe('put a step that gives a snapshot before it: snapshot');
  expect(problem.facts).toMatchObject({ step: 1, missing: 'snapshot' });
});

test('a technique that nobody contributes is refused with the one that was probably meant', () => {
  const problem = refusal([{ use: 'snapshoot', settings: {} }]);
  expect(problem.code).toBe('WORKFLOW_INVALID');
  expect(problem.remedy).toContain('did you mean snapshot?');
});

test('a workflow without steps is refused', () => {
  expect(refusal([]).message).toBe('a workflow has no steps');
});

test('a target that is not configured is refused before anything runs, with the nearest name', () => {
  const problem = refusal([snapshot, { use: 'proxy', settings: { to: 'disk-mian' } }]);
  expect(problem.code).toBe('TARGET_NOT_FOUND');
  expect(problem.remedy).toContain('did you mean disk-main?');
});

test.each([
  [
    { quiesce: 'sometimes' },
    'step 1 (snapshot) has a setting `quiesce` that must be equal to one of the allowed values: none, filesystem, application',
  ],
  [{ quiet: true }, 'step 1 (snapshot) has an unknown setting `quiet`'],
])('a setting that the technique does not know is refused by its name: %j', (settings, message) => {
  const problem = refusal([{ use: 'snapshot', settings }, proxy]);
  expect(problem.code).toBe('WORKFLOW_INVALID');
  expect(problem.message).toBe(message);
});

test('a setting that is missing is refused by its name', () => {
  expect(refusal([snapshot, { use: 'proxy', settings: {} }]).message).toBe('step 2 (proxy) lacks the setting `to`');
});

test('a restore starts from a restore point and gives a machine', () => {
  const step = { use: 'restore', settings: { to: 'lab', as: 'web01-r' } };
  expect(compose([step], ['restore-point']).gives).toContain('machine');
  expect(refusal([step], ['machine']).message).toContain('needs a restore-point');
});
