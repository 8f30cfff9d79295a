// Claims a run for a short time, waits to be told, then tries to write: `write-late.ts FILE RUN TTL_MS`.
import { once } from 'node:events';
import { isHoldfastError } from '@holdfast/api';
import { openCatalog } from '../../../core/catalog/open.ts';
import { step } from '../samples.ts';
import { say } from './say.ts';

const [, , file = '', run = '', ttlMs = ''] = process.argv;
await using catalog = await openCatalog({ file });
const claim = await catalog.jobs.claim('stopped', Number(ttlMs), run);
if (claim === null) throw new Error('nothing to claim');
const { lease } = claim;
say('claimed');
await once(process.stdin, 'data');
for (const write of [
  () => catalog.jobs.heartbeat(lease, 60_000, null),
  () => catalog.jobs.saveStep(lease, step(run)),
  () => catalog.jobs.finish(lease, 'done', null, null),
])
  await write().then(
    () => say('written'),
    (thrown: unknown) => say(isHoldfastError(thrown) ? thrown.code : String(thrown)),
  );
process.stdin.destroy();
