import { formatRelative } from '../../format/times.ts';
import { shortId } from '../../lookup/names.ts';
import type { Choice } from '../contract.ts';
import type { Asked } from './asked.ts';
import { choice } from './names.ts';

const mostRuns = 500;

/** Runs, newest first. */
export async function runChoices({ site, command }: Asked): Promise<readonly Choice[]> {
  const now = site.now();
  const runs = await (await site.catalog()).jobs.list({ limit: mostRuns });
  return runs.map(({ id, kind, machineName, state, createdAt }) => {
    const isLive = state === 'waiting' || state === 'running';
    const refused =
      command.id === 'run.cancel' && !isLive
        ? `it is ${state} already`
        : command.id === 'run.retry' && state !== 'failed' && state !== 'cancelled'
          ? `it is ${state}: only a run that failed or was cancelled can be run again`
          : null;
    return choice(id, `${shortId(id)}  ${kind} ${machineName} · ${state} · ${formatRelative(createdAt, now)}`, refused);
  });
}

/** Plugins; for trusting and removing, those that were added. */
export async function pluginChoices({ site, command }: Asked): Promise<readonly Choice[]> {
  const host = await site.host();
  return host.plugins().map(({ manifest, origin, state, trusted }) => {
    const { name, version, displayName } = manifest;
    const title = `${displayName ?? name}  ${version} · ${origin} · ${state}`;
    return choice(name, title, refusal(command.id, origin, trusted));
  });
}

function refusal(command: string, origin: string, trusted: boolean): string | null {
  if (command === 'plugin.remove' && origin === 'shipped') return 'it comes with Holdfast and stays';
  if (command !== 'plugin.trust') return null;
  if (origin === 'shipped') return 'it comes with Holdfast and is always trusted';
  return trusted ? 'it is trusted already' : null;
}
