import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import process from 'node:process';
import { expect, test } from 'vitest';
import { isGone, thisHolder } from '../../core/engine/holder.ts';

test('a process that is there is not gone', () => {
  expect(isGone(thisHolder())).toBe(false);
});

test('a process that has ended is gone', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  const { pid } = child;
  await new Promise((resolve) => child.on('close', resolve));
  expect(isGone(`${hostname()}:${pid}:12345`)).toBe(true);
});

test('a process whose number was given to another one is gone', () => {
  expect(isGone(`${hostname()}:${process.pid}:1`)).toBe(process.platform === 'linux');
});

test('a process on another host is never gone, as far as can be told from here', () => {
  expect(isGone(`elsewhere:1:1`)).toBe(false);
  expect(isGone('nonsense')).toBe(false);
});
