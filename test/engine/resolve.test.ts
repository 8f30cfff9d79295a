import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noise, Yard } from './yard.ts';

let yard: Yard;

beforeAll(async () => {
  yard = await Yard.open();
  const second = join(yard.folder, 'second');
  Object.assign(yard.config.config.endpoints, { dr: { use: 'fleet', path: second } });
  for (const name of ['web01', 'web02', 'erp-db', 'fleet/odd', 'twin'])
    yard.addMachine(name.replace('/', '-'), { vda: noise(512, 1) }, { name });
  yard.addMachine('twin-2', { vda: noise(512, 1) }, { name: 'twin' });
  mkdirSync(join(second, 'machines', 'w'), { recursive: true });
  writeFileSync(join(second, 'machines', 'w', 'machine.json'), JSON.stringify({ name: 'web01' }));
  writeFileSync(join(second, 'machines', 'w', 'vda.raw'), noise(512, 1));
});

afterAll(() => yard[Symbol.asyncDispose]());

const find = async (wanted: string) => {
  const { endpoint, machine } = await yard.engine.findMachine(wanted, yard.call());
  return `${endpoint}:${machine.id}`;
};

test('a machine is found by a name that only it has, by endpoint and name, and by its identity', async () => {
  expect(await find('erp-db')).toBe('fleet:erp-db');
  expect(await find('dr/web01')).toBe('dr:w');
  expect(await find('fleet/web01')).toBe('fleet:web01');
  expect(await find('w')).toBe('dr:w');
  expect(await find('twin-2')).toBe('fleet:twin-2');
});

test('a name with a slash in it is a name where what stands before the slash is no endpoint, and can be placed where it is one', async () => {
  expect(await find('fleet/fleet/odd')).toBe('fleet:fleet-odd');
});

test('a name that two endpoints have is refused with both ways to say it', async () => {
  yard.addMachine('f1', { vda: noise(512, 1) }, { name: 'shared' });
  mkdirSync(join(yard.folder, 'second', 'machines', 'd1'), { recursive: true });
  writeFileSync(join(yard.folder, 'second', 'machines', 'd1', 'machine.json'), JSON.stringify({ name: 'shared' }));
  await expect(find('shared')).rejects.toMatchObject({
    code: 'MACHINE_AMBIGUOUS',
    remedy: 'name one of: fleet/shared, dr/shared',
  });
  expect(await find('dr/shared')).toBe('dr:d1');
});

test('an identity is preferred to a name, so that there is always a way to say which', async () => {
  expect(await find('web01')).toBe('fleet:web01');
});

test('a name that two machines have is refused with what tells them apart', async () => {
  yard.addMachine('a1', { vda: noise(512, 1) }, { name: 'double' });
  yard.addMachine('a2', { vda: noise(512, 1) }, { name: 'double' });
  await expect(find('double')).rejects.toMatchObject({
    code: 'MACHINE_AMBIGUOUS',
    message: '2 machines are called double',
    remedy: 'name one of: fleet/a1, fleet/a2',
  });
});

test('a name that nobody has is refused with those that come near', async () => {
  await expect(find('web1')).rejects.toMatchObject({
    code: 'MACHINE_NOT_FOUND',
    remedy: expect.stringContaining('did you mean web01, web02?'),
  });
  await expect(find('dr/erp-db')).rejects.toMatchObject({ code: 'MACHINE_NOT_FOUND' });
  await expect(find('zzzzzzzz')).rejects.toMatchObject({ remedy: '`holdfast machine list` shows what there is' });
});

test('an endpoint that does not answer does not keep machines of others from being found, and is not forgotten', async () => {
  const faults = join(yard.folder, 'second', 'faults.json');
  await find('dr/web01');
  writeFileSync(faults, JSON.stringify({ machines: { code: 'ENDPOINT_UNREACHABLE' } }));
  expect(await find('erp-db')).toBe('fleet:erp-db');
  await expect(find('dr/web01')).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
  // It is only known from before; what fits there is not taken for missing.
  await expect(find('w')).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
  await expect(find('nobody')).rejects.toMatchObject({
    message: expect.stringContaining('it may be on dr, which did not answer'),
  });
  writeFileSync(faults, '{}');
});
