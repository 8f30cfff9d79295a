import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { holdLock } from '../../core/base/process-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a lock of the kernel', () => {
  it('is held by one at a time in one process, and its file stays empty', async () => {
    const file = join(folder, 'one');
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        using _lock = await holdLock(file);
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setTimeout(resolve, 2));
        inside -= 1;
      }),
    );
    expect(most).toBe(1);
    expect(statSync(file).size).toBe(0);
  });

  it('whose file goes each time is held by one of many processes at a time', async () => {
    const file = join(folder, 'removed');
    const journal = join(folder, 'journal');
    const module = new URL('../../core/base/process-lock.ts', import.meta.url).href;
    const script = `const { holdLock } = await import(${JSON.stringify(module)}); const { appendFileSync } = await import('node:fs');
      for (let n = 0; n < 40; n++) { using _held = await holdLock(${JSON.stringify(file)}, { isRemoved: true });
        appendFileSync(${JSON.stringify(journal)}, '['); appendFileSync(${JSON.stringify(journal)}, ']'); }`;
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
    const all = Array.from({ length: 4 }, () => spawn(process.execPath, args, { stdio: 'inherit' }));
    for (const child of all) if (child.exitCode === null) await once(child, 'close');
    expect(readFileSync(journal, 'utf8')).toBe('[]'.repeat(160));
    expect(existsSync(file)).toBe(false);
  });

  it('goes with the process that held it, however that ended', async () => {
    const file = join(folder, 'killed');
    const module = new URL('../../core/base/process-lock.ts', import.meta.url).href;
    const script = `const { holdLock } = await import(${JSON.stringify(module)}); await holdLock(${JSON.stringify(file)}); console.log('held'); setInterval(() => {}, 1e6);`;
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    let isOurs = false;
    const ours = holdLock(file).then((lock) => {
      isOurs = true;
      return lock;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isOurs).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'close');
    (await ours)[Symbol.dispose]();
  });

  it('says which file when it cannot be used', async () => {
    await expect(holdLock(join(folder, 'no', 'such'))).rejects.toMatchObject({ code: 'FOLDER_UNWRITABLE' });
    const file = join(folder, 'nonsense');
    writeFileSync(file, 'x'.repeat(4096));
    await expect(holdLock(file)).rejects.toMatchObject({
      code: 'FOLDER_UNWRITABLE',
      message: expect.stringContaining(file),
    });
  });
});
