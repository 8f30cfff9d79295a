import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeRepository, prove, withRepository } from '../reliability/backup.ts';
import { runChild } from '../reliability/run-child.ts';
import { temporaryFolder } from './paper.ts';

test('two processes that protect into one repository at once both succeed, and everything restores', async () => {
  await using folder = await temporaryFolder();
  const sizeBytes = 3 * 1024 * 1024;
  const places = { target: join(folder.path, 'target'), work: join(folder.path, 'work'), sizeBytes };
  await mkdir(places.target);
  await mkdir(places.work);
  await makeRepository(places);
  for (const round of [1, 3]) {
    const outcomes = await Promise.all([runChild({ ...places, round }), runChild({ ...places, round: round + 1 })]);
    for (const { exitCode, errors } of outcomes) expect(errors + exitCode).toBe('0');
    const committed = new Set(outcomes.flatMap(({ committed }) => committed ?? []));
    expect(committed.size).toBe(2);
    await withRepository(places, async (repository) => {
      const found = await prove(repository, places, committed);
      expect(found.restores).toBe(round + 1);
    });
  }
});
