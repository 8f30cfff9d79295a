import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Held, type Holder, holderOf, isHolderGone, ownHolder } from '../../../core/repository/leases/holder.ts';

// Only Linux says enough of a process; elsewhere nobody is ever taken for gone.
const onLinux = test.skipIf(process.platform !== 'linux');

function heldBy(pid: number): Held & { readonly holder: Holder } {
  const holder = holderOf(pid);
  if (holder === null) throw new Error('the system does not say who this process is');
  return { host: hostname(), pid, holder };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

onLinux('a process is not gone as long as it lives, stopped or not, and is once it was killed', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const held = heldBy(child.pid ?? 0);
  try {
    expect(isHolderGone(held)).toBe(false);
    child.kill('SIGSTOP');
    expect(isHolderGone(held)).toBe(false);
  } finally {
    await end(child);
  }
  expect(isHolderGone(held)).toBe(true);
});

onLinux('a process that is dead and was never buried is gone', async () => {
  // A shell that becomes a program which does not look after the child that it began.
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 61'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [line] = await once(parent.stdout, 'data');
    const held = heldBy(Number(String(line)));
    expect(isHolderGone(held)).toBe(false);
    // As long as it is the shell, it buries its children.
    const named = (): string => readFileSync(`/proc/${parent.pid}/comm`, 'latin1');
    while (named() !== 'sleep\n') await pause(10);
    process.kill(held.pid, 'SIGKILL');
    for (let tries = 0; tries < 200 && !isHolderGone(held); tries++) await pause(10);
    expect(readFileSync(`/proc/${held.pid}/stat`, 'latin1')).toContain(') Z ');
    expect(isHolderGone(held)).toBe(true);
  } finally {
    await end(parent);
  }
});

onLinux('a process whose number another one has by now is gone', () => {
  const held = heldBy(process.pid);
  const holder = { ...held.holder, startedTicks: held.holder.startedTicks - 1 };
  expect(isHolderGone(held)).toBe(false);
  expect(isHolderGone({ ...held, holder })).toBe(true);
});

onLinux(
  'of a process of another host, boot or container, or that said nothing of itself, nobody says that it is gone',
  async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const held = heldBy(child.pid ?? 0);
    await end(child);
    expect(isHolderGone(held)).toBe(true);
    expect(isHolderGone({ ...held, host: 'elsewhere' })).toBe(false);
    expect(isHolderGone({ ...held, holder: { ...held.holder, boot: '0'.repeat(36) } })).toBe(false);
    expect(isHolderGone({ ...held, holder: { ...held.holder, space: 'pid:[1] time:[1]' } })).toBe(false);
    expect(isHolderGone({ ...held, holder: null })).toBe(false);
    for (const pid of [0, -1]) expect(isHolderGone({ ...held, pid })).toBe(false);
    expect(ownHolder()?.boot).toBe(held.holder.boot);
  },
);
