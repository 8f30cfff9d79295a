import { expect, test } from 'vitest';
import { checkConfig, loadConfig } from '../../core/config/load.ts';
import { makeSite } from './site.ts';

test('variables set names with dashes, settings of several words, numbers, truth and lists by the plugin’s schema', async () => {
  await using site = await makeSite({
    HOLDFAST_TARGETS__DISK_MAIN__USE: 'disk',
    HOLDFAST_TARGETS__DISK_MAIN__PATH: '007',
    HOLDFAST_TARGETS__DISK_MAIN__SYNC_WRITES: 'false',
    HOLDFAST_TARGETS__DISK_MAIN__LIMITS__MAX_BYTES: '12',
    HOLDFAST_ENDPOINTS__C1__USE: 'cluster',
    HOLDFAST_ENDPOINTS__C1__HOSTS: '["a", "b"]',
    HOLDFAST_KEEP__DISK_MAIN__DAILY: '14',
    HOLDFAST_SLOTS__PROXY: '2',
    HOLDFAST_PLUGINS__HOLDFAST_TOOL_LAB__SEED: '5',
    HOLDFAST_COMPRESSION: '9',
    HOLDFAST_SERVER__IDLE_MINUTES: '30',
    HOLDFAST_SERVER__LISTEN: '[::1]:22',
    HOLDFAST_APPROVALS__DESTROY: 'true',
    HOLDFAST_METRICS__LISTEN: '127.0.0.1:9464',
    HOLDFAST_SCHEDULES__RUNS: '2',
    HOLDFAST_NOTIFIERS__OPS_MAIL__USE: 'mail',
    HOLDFAST_NOTIFIERS__OPS_MAIL__TELL: '["digest"]',
    HOLDFAST_NOTIFIERS__OPS_MAIL__DIGEST: 'daily 07:00',
  });
  const { config, origins } = await loadConfig(site.options);
  expect(JSON.parse(JSON.stringify(config))).toEqual({
    endpoints: { c1: { use: 'cluster', hosts: ['a', 'b'] } },
    targets: { 'disk-main': { use: 'disk', path: '007', syncWrites: false, limits: { maxBytes: 12 } } },
    slots: { proxy: 2 },
    keep: { 'disk-main': { daily: 14 } },
    compression: 9,
    workers: 0,
    server: { idleMinutes: 30, listen: '[::1]:22' },
    approvals: { destroy: true },
    metrics: { listen: '127.0.0.1:9464' },
    schedules: { runs: 2 },
    notifiers: { 'ops-mail': { use: 'mail', tell: ['digest'], digest: 'daily 07:00' } },
    plugins: { '@holdfast/tool-lab': { seed: 5 } },
  });
  expect(origins.get('targets.disk-main.limits.maxBytes')?.place).toBe(
    'HOLDFAST_TARGETS__DISK_MAIN__LIMITS__MAX_BYTES',
  );
});

test('a word about the server or approvals that is mistyped in a variable is named', async () => {
  await using site = await makeSite({ HOLDFAST_APPROVALS__DESTROYS: 'true', HOLDFAST_SERVER__LISTEN: 'somewhere' });
  const { problems } = await checkConfig(site.options);
  expect(problems).toMatchObject([
    { file: 'HOLDFAST_APPROVALS__DESTROYS', key: 'approvals.destroys', nearest: 'destroy' },
    { file: 'HOLDFAST_SERVER__LISTEN', key: 'server.listen' },
  ]);
});

test('a whole target can be given as JSON', async () => {
  await using site = await makeSite({ HOLDFAST_TARGETS__DISK_MAIN: '{"use":"disk","path":"/a"}' });
  expect((await loadConfig(site.options)).config.targets['disk-main']?.path).toBe('/a');
});

test('without plugins’ schemas a variable is read as YAML would read it', async () => {
  await using site = await makeSite({
    HOLDFAST_TARGETS__A__USE: 'disk',
    HOLDFAST_TARGETS__A__MAX_BYTES: '12',
    HOLDFAST_TARGETS__A__NAME: '1.2.3',
  });
  const { config } = await loadConfig({ ...site.options, known: undefined });
  expect({ ...config.targets.a }).toEqual({ use: 'disk', maxBytes: 12, name: '1.2.3' });
});

test('variables that are no settings are left alone, mistyped ones are not', async () => {
  await using quiet = await makeSite({
    HOLDFAST_SEAL_PASSPHRASE: 'x',
    HOLDFAST_DEBUG: '1',
    HOLDFAST_KEY: 'x',
    HOLDFAST_HOME: '/x',
    HOLDFASTED: 'x',
  });
  expect((await checkConfig(quiet.options)).problems).toEqual([]);
  await using mistyped = await makeSite({ HOLDFAST_WORKRES: '2' });
  expect((await checkConfig(mistyped.options)).problems).toMatchObject([
    { file: 'HOLDFAST_WORKRES', line: 0, column: 0, nearest: 'HOLDFAST_WORKERS' },
  ]);
});

test.each([
  ['HOLDFAST_TARGETS____PATH', '/a'],
  ['HOLDFAST_TARGETS____PROTO____POLLUTED', '1'],
  ['HOLDFAST_TARGETS__CONSTRUCTOR__USE', 'disk'],
  ['HOLDFAST_TARGETS__A', '{"__proto__":{"polluted":1}}'],
  ['HOLDFAST_TARGETS__A', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`],
  ['HOLDFAST_WORKERS', ''],
  ['HOLDFAST_WORKERS__X', '1'],
  ['HOLDFAST_SLOTS', 'no'],
])('%s=%s is refused', async (name, value) => {
  await using site = await makeSite({ [name]: value });
  const { problems } = await checkConfig(site.options);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.every((problem) => problem.file === name)).toBe(true);
  expect(Reflect.get({}, 'polluted')).toBe(undefined);
});
