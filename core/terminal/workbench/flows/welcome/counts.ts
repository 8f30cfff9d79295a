import type { Desk } from '../../../../shell/desk/contract.ts';
import { type Fields, fieldsOf, itemsOf, sumOf } from '../reading.ts';

const mostRuns = 200;

/**
 * What there is, for the conditions of walkthroughs: `endpoints`, `targets`, `points`, `restores`, `running`. All of it stands in the
 * configuration and the catalog; nothing outside is asked. What this person may not see counts as none.
 */
export async function countsOf(desk: Desk, signal: AbortSignal): Promise<Fields> {
  const list = async (command: string, args: Fields, key: string): Promise<readonly Fields[]> => {
    try {
      const { data } = await desk.run(command, args, { signal, ask: null });
      return itemsOf(fieldsOf(data)[key]).map(fieldsOf);
    } catch {
      return [];
    }
  };
  const [endpoints, targets, runs] = await Promise.all([
    list('endpoint.list', {}, 'endpoints'),
    list('target.list', {}, 'targets'),
    list('run.list', { limit: mostRuns }, 'runs'),
  ]);
  return {
    endpoints: endpoints.length,
    targets: targets.length,
    points: sumOf(targets, 'points'),
    restores: runs.filter(({ kind, state }) => kind === 'restore' && state === 'done').length,
    running: runs.filter(({ state }) => state === 'running').length,
  };
}
