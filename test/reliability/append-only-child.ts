/**
 * What a writer of a target that can only be added to does besides backups, as another user. Arguments: `probe`, `attack`, `forget` or `collect`, and the
 * places as JSON. Writes its answer as JSON.
 */
import { chmod, open, readdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isHoldfastError, makeCall } from '@holdfast/api';
import { openTarget, type Places, withRepository } from './backup.ts';

const [what = '', given = '{}'] = process.argv.slice(2);
const places: Places = JSON.parse(given);

/** Tries by all means to destroy what lies in the target. Answers how many attempts were made, and which succeeded. */
async function attack(): Promise<{ readonly attempts: number; readonly succeeded: readonly string[] }> {
  const mine = join(places.target, '@incoming', 'mine');
  const succeeded: string[] = [];
  let attempts = 0;
  const attempt = async (name: string, act: () => Promise<unknown>) => {
    attempts++;
    await act().then(
      () => succeeded.push(name),
      () => {},
    );
  };
  const entries = await readdir(places.target, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.parentPath.endsWith('@incoming')) continue;
    if (entry.isDirectory()) {
      await attempt(`rmdir ${path}`, () => rmdir(path));
      await attempt(`rename ${path}`, () => rename(path, join(places.target, `away-${attempts}`)));
      await attempt(`chmod ${path}`, () => chmod(path, 0o777));
      continue;
    }
    await attempt(`write ${path}`, async () => (await open(path, 'r+')).close());
    await attempt(`truncate ${path}`, () => writeFile(path, ''));
    await attempt(`chmod ${path}`, () => chmod(path, 0o666));
    await attempt(`rename ${path}`, () => rename(path, `${path}.away`));
    await writeFile(mine, 'mine');
    await attempt(`replace ${path}`, () => rename(mine, path));
    await rm(mine, { force: true });
    await attempt(`remove ${path}`, () => unlink(path));
  }
  for (const folder of ['forgotten', 'tombstones', 'keys']) {
    await attempt(`add to ${folder}`, () => writeFile(join(places.target, folder, 'evil'), 'evil'));
  }
  return { attempts, succeeded };
}

async function answer(): Promise<unknown> {
  const call = makeCall();
  if (what === 'attack') return await attack();
  if (what === 'probe') {
    const store = await openTarget(places.target, false, call, places.appendOnly);
    const { items } = await store.probe(call);
    await store.close(call);
    return items;
  }
  return await withRepository(places, async (repository) => {
    if (what === 'collect') return await repository.collect({ repackBelow: 1, waitMs: 0 }, call);
    const oldest = (await repository.points({}, call)).at(-1);
    return await repository.forget([oldest?.point ?? ''], 'retention', call);
  });
}

try {
  console.log(JSON.stringify((await answer()) ?? null));
} catch (failure) {
  if (!isHoldfastError(failure)) throw failure;
  console.log(JSON.stringify({ code: failure.code, message: failure.message, remedy: failure.remedy }));
}
