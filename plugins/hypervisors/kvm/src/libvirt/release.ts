import { HoldfastError } from '@holdfast/api';
import type { Marked } from './marks.ts';
import { removeMark } from './marks.ts';
import type { Parts } from './parts.ts';
import { runScript } from './script.ts';

/**
 * libvirt waits up to 30 s when an agent comes or goes while a backup begins, and what it was told of the backup waits behind that: its end
 * is done only then (seen with 9.0).
 */
const patienceMs = 45_000;
const pauseMs = { least: 50, most: 500 } as const;

/** Ends a program of ours by the number in its file, when that number is still this program's: its command line names our socket. */
const endScript = `
pid=$1 socket=$2
[ -f "$pid" ] || { rm -f "$socket"; exit 0; }
n=$(head -c 16 "$pid" | tr -dc 0-9)
if [ -n "$n" ] && tr '\\0' '\\n' < "/proc/$n/cmdline" 2>/dev/null | grep -qxF -e "--socket=$socket"; then
  kill "$n" 2>/dev/null
  i=0
  while [ -d "/proc/$n" ] && [ "$i" -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
  [ ! -d "/proc/$n" ] || kill -9 "$n" 2>/dev/null
fi
rm -f "$socket" "$pid"
`;

/** Ends a qemu-nbd of ours. Idempotent. */
export async function endProgram({ virsh }: Pick<Parts, 'virsh'>, pidFile: string, socket: string): Promise<void> {
  await runScript(virsh.host, endScript, [pidFile, socket]);
}

/** Ends what a mark announces: the backup job if it is this one, programs, scratch images, at last the mark. Idempotent; a machine that is gone is fine. */
export async function releaseMarked(parts: Parts, marked: Marked): Promise<void> {
  const { mark, folder } = marked;
  if (mark.how === 'live' && mark.socket !== null) {
    if (await endJob(parts, mark.machine, mark.socket)) await goOn(parts, mark.machine);
    await runScript(parts.virsh.host, 'rm -f "$1"', [mark.socket]);
  }
  if (mark.how === 'off')
    for (const [index, disk] of mark.disks.entries())
      if (disk.socket !== null) await endProgram(parts, `${folder}/${mark.id}-${index}.pid`, disk.socket);
  await removeMark(parts.virsh.host, marked);
}

/** Whether a guest stands still because a write failed; while its disks are copied it is most likely that scratch has no room. */
export async function standsStill({ virsh }: Pick<Parts, 'virsh'>, uuid: string): Promise<boolean> {
  const done = await virsh.attempt(['domstate', uuid, '--reason']);
  return done.exitCode === 0 && /^paused \(I\/O error\)/.test(done.stdout.trim());
}

/** A guest whose write could not be kept in scratch goes on as soon as scratch is out of its way. */
async function goOn(parts: Parts, uuid: string): Promise<void> {
  if (await standsStill(parts, uuid)) await parts.virsh.attempt(['resume', uuid]);
}

/** A backup job is ours when it serves our socket; another one is left alone. Answers whether there was one to end. */
async function endJob({ virsh }: Parts, uuid: string, socket: string): Promise<boolean> {
  if (!(await isServed(virsh, uuid, socket))) return false;
  await virsh.attempt(['domjobabort', uuid]);
  const end = performance.now() + patienceMs;
  for (let pause: number = pauseMs.least; performance.now() < end; pause = Math.min(pause * 1.5, pauseMs.most)) {
    if (!(await isServed(virsh, uuid, socket))) return true;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new HoldfastError(
    'MACHINE_BUSY',
    `libvirt does not end its backup of the machine within ${patienceMs / 1000} s`,
    {
      remedy: `look at it with \`virsh domjobinfo ${uuid}\` and end it with \`virsh domjobabort ${uuid}\`; the next run clears up what is left`,
      facts: { host: virsh.host.title, uri: virsh.uri, machine: uuid },
    },
  );
}

/** Whether a machine's backup job is the one of a socket. */
export async function isServed(virsh: Parts['virsh'], uuid: string, socket: string): Promise<boolean> {
  const done = await virsh.attempt(['backup-dumpxml', uuid]);
  return done.exitCode === 0 && done.stdout.includes(socket);
}
