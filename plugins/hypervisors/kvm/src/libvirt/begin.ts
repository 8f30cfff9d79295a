import type { Call } from '@holdfast/api';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import { demandThawed } from '../live/freeze.ts';
import { AgentRefusal, type GuestAgent } from '../live/guest-agent.ts';
import { type GuestTimer, startGuestTimer } from '../live/guest-timer.ts';
import type { Watchdog } from '../live/watchdog.ts';
import { agentOf, startThawWatchdog } from './agent.ts';
import type { FoundDomain } from './inventory.ts';
import { readTime } from './read.ts';
import { errorsIn, splitBatch, type Virsh, virshWord } from './virsh.ts';

/** What a backup began with. */
export interface Begun {
  /** How long the guest was held still at most, in milliseconds. */
  readonly frozenMs: number;
  /** When the state was frozen, given that it is now so late. */
  readonly takenAt: (now: number) => number;
  /** What libvirt said when it has not got the bitmap that was asked for; `null` when it began. */
  readonly lostBitmap: string | null;
}

const freeze = '{"execute":"guest-fsfreeze-freeze"}';
const thaw = '{"execute":"guest-fsfreeze-thaw"}';
const thawSeconds = 5;

/** Sees that a guest can be quiesced as far as is asked, before anything is made. @throws `QUIESCE_UNAVAILABLE` */
export async function prepareGuest(
  virsh: Virsh,
  { machine }: FoundDomain,
  quiesce: 'filesystem' | 'application',
  limitMs: number,
  call: Call,
): Promise<GuestAgent> {
  if (machine.power !== 'on') throw cannotQuiesce(machine.name, 'it is paused');
  const agent = agentOf(virsh, machine.id, machine.name);
  try {
    // An agent that holds a guest names few commands, and freezing is none of them.
    if ((await agent.commands()).has('guest-fsfreeze-status'))
      await demandThawed(agent, { title: machine.name, limitMs }, call);
    if (!(await agent.commands()).has('guest-fsfreeze-freeze'))
      throw cannotQuiesce(machine.name, 'its agent cannot freeze file systems');
    if (quiesce === 'filesystem' || (await isWindows(virsh, machine.id)) || (await agent.hasFreezeHook(call)))
      return agent;
  } catch (thrown) {
    if (isHoldfastError(thrown, 'GUEST_UNAVAILABLE') || thrown instanceof AgentRefusal)
      throw cannotQuiesce(machine.name, `its agent cannot be used: ${thrown.message}`, thrown);
    throw thrown;
  }
  throw cannotQuiesce(
    machine.name,
    'its agent calls no hook at a freeze (`qemu-ga --fsfreeze-hook`), so no application would hear of it',
  );
}

/** On Windows the agent asks VSS, which asks the applications. */
async function isWindows(virsh: Virsh, uuid: string): Promise<boolean> {
  const done = await virsh.attempt(['qemu-agent-command', uuid, '--timeout', '5', '{"execute":"guest-get-osinfo"}']);
  return /"id":"mswindows"/.test(done.stdout);
}

/**
 * Freezes the guest, begins the backup with its checkpoint, thaws: three commands of one virsh process, so that nothing is between them. The
 * thaw comes whatever becomes of the backup; a watchdog on the host stands by from before the freeze.
 */
export async function begin(
  virsh: Virsh,
  { machine }: FoundDomain,
  files: { readonly backup: string; readonly checkpoint: string | null },
  guest: GuestAgent | null,
  limitMs: number,
  call: Call,
): Promise<Begun> {
  const backup = ['backup-begin', machine.id, '--reuse-external', '--backupxml', files.backup];
  if (files.checkpoint !== null) backup.push('--checkpointxml', files.checkpoint);
  if (guest === null) {
    const done = await virsh.host.run(virsh.argv([backup.map(virshWord).join(' ')], true));
    return readBegun(virsh, machine.name, done.stdout, done.stderr, null);
  }
  const timer = await startGuestTimer(guest, limitMs, call);
  const watchdog = await startThawWatchdog(virsh, machine.id, machine.name, limitMs);
  return await held({ watchdog, timer, guest }, async () => {
    const agent = (seconds: number, command: string): readonly string[] => [
      'qemu-agent-command',
      machine.id,
      '--timeout',
      String(seconds),
      command,
    ];
    const commands = [agent(Math.max(1, Math.ceil(limitMs / 1000)), freeze), backup, agent(thawSeconds, thaw)];
    const line = commands.map((words, index) => `echo <0:${index}>; ${words.map(virshWord).join(' ')}; `).join('');
    const done = await virsh.host.run(virsh.argv([line], true), { timeoutMs: limitMs + 60_000 });
    const [frozen = '', begun = '', thawed = ''] = splitBatch(done.stdout, '0', 0, 3);
    const [held, left] = [countOf(frozen), countOf(thawed)];
    const timing = [frozen, begun, thawed].map(readTime);
    return { held, left, timing, stdout: begun, stderr: done.stderr };
  }).then(({ held: count, left, timing, stdout, stderr }) => {
    const [freezeMs = 0, beginMs = 0, thawMs = 0] = timing;
    const frozenMs = Math.ceil(freezeMs + beginMs + thawMs);
    if (count === null) throw cannotQuiesce(machine.name, `it could not be frozen: ${errorsIn(stderr)}`);
    const begun = readBegun(virsh, machine.name, stdout, stderr, { frozenMs, thawMs });
    if (left === null)
      throw cannotQuiesce(
        machine.name,
        `it did not say that it was thawed; a watchdog sees to it: ${errorsIn(stderr)}`,
      );
    if (count === 0) throw cannotQuiesce(machine.name, 'its agent found no file system to hold');
    if (left < count)
      throw cannotQuiesce(machine.name, `it was thawed after ${limitMs} ms, before its state was taken`);
    return begun;
  });
}

interface Held {
  readonly watchdog: Watchdog;
  readonly timer: GuestTimer | null;
  readonly guest: GuestAgent;
}

/** Whatever happens, either the guest said that it is thawed or the watchdog acts. */
async function held<T extends { readonly left: number | null }>(
  { watchdog, timer, guest }: Held,
  work: () => Promise<T>,
): Promise<T> {
  let done: T;
  try {
    done = await work();
  } catch (thrown) {
    watchdog.act();
    throw thrown;
  }
  if (done.left === null) {
    watchdog.act();
    return done;
  }
  watchdog.thawed();
  await timer?.cancel(guest).catch(() => {});
  return done;
}

function readBegun(
  virsh: Virsh,
  name: string,
  stdout: string,
  stderr: string,
  times: { readonly frozenMs: number; readonly thawMs: number } | null,
): Begun {
  const takenAt = (now: number): number => now - Math.round(times?.thawMs ?? 0);
  const base = { frozenMs: times?.frozenMs ?? 0, takenAt };
  if (/Backup started/.test(stdout)) return { ...base, lostBitmap: null };
  const said = errorsIn(stderr);
  if (
    /missing or broken bitmap|Checkpoint '.*' for incremental|checkpoint inconsistent|bitmap '.*' (?:not found|does not exist)/i.test(
      said,
    )
  )
    return { ...base, lostBitmap: said };
  throw virsh.failure({ exitCode: 1, stdout, stderr }, `beginning a backup of ${name}`, 'DISK_UNWRITABLE');
}

/** `{"return":3}` of the agent: how many file systems. */
function countOf(text: string): number | null {
  const found = /\{"return":(\d{1,6})\}/.exec(text);
  return found === null ? null : Number(found[1]);
}

function cannotQuiesce(name: string, why: string, cause?: unknown): HoldfastError {
  return new HoldfastError('QUIESCE_UNAVAILABLE', `${name} cannot be quiesced: ${why}`, {
    facts: { machine: name },
    cause,
  });
}
