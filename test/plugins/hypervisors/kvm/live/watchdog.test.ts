import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentThawCommand } from '../../../../../plugins/hypervisors/kvm/src/live/agent-thaw-command.ts';
import { readNote, tellNotes } from '../../../../../plugins/hypervisors/kvm/src/live/notes.ts';
import { startWatchdog } from '../../../../../plugins/hypervisors/kvm/src/live/watchdog.ts';
import { agentAnswers, scripted } from './scripted.ts';

/** A folder in which a guest counts how often it was thawed: it is thawed once `ok` is there. */
async function practice() {
  const folder = await mkdtemp(join(tmpdir(), 'hfw-'));
  const [thaws, ok, note] = [join(folder, 'thaws'), join(folder, 'ok'), join(folder, 'one.note')];
  return {
    folder,
    ok,
    note,
    what: {
      title: 'web',
      note,
      thawCommand: ['sh', '-c', 'echo thaw >> "$0"; test -e "$1"', thaws, ok],
    },
    thaws: () => (existsSync(thaws) ? readFileSync(thaws, 'utf8').split('\n').length - 1 : 0),
    said: () => (existsSync(note) ? (readNote(readFileSync(note, 'utf8'))?.says ?? '') : ''),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function until(fits: () => boolean): Promise<void> {
  while (!fits()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Processes that have a text among their arguments. */
function processesWith(text: string): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn('ps', ['ax', '-o', 'args'], { stdio: ['ignore', 'pipe', 'ignore'] });
    let all = '';
    child.stdout.on('data', (bytes: Buffer) => {
      all += String(bytes);
    });
    child.on('close', () => resolve(all.split('\n').filter((line) => line.includes(text)).length));
  });
}

describe('the watchdog', () => {
  test('that is told that the guest is thawed ends, and leaves no process and no note', async () => {
    await using it = await practice();
    const watchdog = await startWatchdog({ ...it.what, limitMs: 60_000 });
    expect(await processesWith(it.folder)).toBeGreaterThan(0);
    watchdog.thawed();
    while ((await processesWith(it.folder)) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(it.thaws()).toBe(0);
    expect(it.said()).toBe('');
  });

  test('thaws when its limit has passed, although its holder still lives', async () => {
    await using it = await practice();
    await writeFile(it.ok, '');
    const watchdog = await startWatchdog({ ...it.what, limitMs: 1_000 });
    await until(() => it.said().includes('until a watchdog thawed it'));
    expect(it.said()).toContain('its limit had passed');
    watchdog.thawed();
  });

  test('thaws again and again until the guest is thawed, when its holder and the holder’s whole process group are killed', async () => {
    await using it = await practice();
    const module = new URL('../../../../../plugins/hypervisors/kvm/src/live/watchdog.ts', import.meta.url).href;
    const script = `import { startWatchdog } from ${JSON.stringify(module)};
      await startWatchdog(${JSON.stringify({ ...it.what, limitMs: 600_000 })});
      console.log('frozen');
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { pid } = holder;
    if (pid === undefined) throw new Error('no holder');
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    expect(it.thaws()).toBe(0);
    process.kill(-pid, 'SIGKILL');
    await until(() => it.thaws() >= 2);
    expect(it.said()).toContain('is still frozen');
    await writeFile(it.ok, '');
    await until(() => it.said().includes('until a watchdog thawed it'));
    expect(it.said()).toContain('what had frozen it ended before it could thaw it');
    while ((await processesWith(it.folder)) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  test('gives up when there is no guest any more', async () => {
    await using it = await practice();
    const watchdog = await startWatchdog({ ...it.what, limitMs: 60_000, thawCommand: agentThawCommand(it.ok) });
    watchdog.act();
    await until(() => it.said() !== '' && !it.said().includes('still'));
    expect(it.said()).toContain('ended while it was frozen');
  });

  test('thaws through the agent’s socket, and asks whether it did', async () => {
    await using it = await practice();
    await using agent = await scripted(agentAnswers({ 'guest-fsfreeze-thaw': 2, 'guest-fsfreeze-status': 'thawed' }));
    const watchdog = await startWatchdog({ ...it.what, limitMs: 60_000, thawCommand: agentThawCommand(agent.path) });
    watchdog.act();
    await until(() => it.said().includes('until a watchdog thawed it'));
    const asked = agent.heard
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { execute: string }).execute);
    expect(asked).toEqual(['guest-sync-delimited', 'guest-fsfreeze-thaw', 'guest-fsfreeze-status']);
  });

  test('is told of by whoever looks next, once', async () => {
    await using it = await practice();
    await writeFile(it.note, 'web\nthawed 1700000000 1700000012 holder\n');
    await writeFile(join(it.folder, 'other.note'), 'no note of ours');
    const lines: string[] = [];
    const call = makeCall({ log: (level, message) => lines.push(`${level}: ${message}`) });
    await tellNotes(it.folder, call);
    await tellNotes(it.folder, call);
    await tellNotes(join(it.folder, 'nowhere'), call);
    expect(lines).toEqual([
      'warn: web was frozen for 12 s until a watchdog thawed it: what had frozen it ended before it could thaw it',
    ]);
  });

  test('reads any note without harm', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => readNote(text) === null));
  });
});
