import type { RepositorySecrets } from '../../suite.ts';
import { markWork } from '../collect/mark-work.ts';
import { moveWork } from '../collect/move-work.ts';
import { cacheWork } from '../index/cache-work.ts';
import { scanWork } from '../packs/scan-work.ts';
import { readWork } from '../read/read-work.ts';
import { writeWork } from '../write/write-work.ts';
import { END_LANE, type ThreadStart } from './protocol.ts';
import { ThreadContext } from './thread-context.ts';
import { type Port, Wire } from './wire.ts';

/**
 * Serves whatever the main thread asks this lane for.
 * @param end Lets it come to its end: nobody asks any more.
 */
export function serve(port: Port, start: ThreadStart, end: () => void): void {
  const context = new ThreadContext(start, () => wire);
  const wire: Wire = new Wire(port, {
    ...writeWork(context, () => wire),
    'keys.learn': (secrets: RepositorySecrets) => context.learn(secrets),
    ...readWork(context, () => wire),
    ...cacheWork(context),
    ...scanWork(context),
    ...moveWork(context, () => wire),
    ...markWork(context),
    [END_LANE]: end,
  });
}
