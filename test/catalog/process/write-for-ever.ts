// Writes runs, claims, intents and log lines until it is killed, and tells what it was told is durable: `write-for-ever.ts FILE PREFIX`.
import { openCatalog } from '../../../core/catalog/open.ts';
import { runToAdd, step } from '../samples.ts';
import { say } from './say.ts';

const [, , file = '', prefix = ''] = process.argv;
const { jobs } = await openCatalog({ file, thread: 'caller' });
for (let n = 0; ; n += 1) {
  const id = `${prefix}-${n}`;
  await jobs.add(runToAdd(id, { createdAt: n }));
  say(`run ${id}`);
  const claim = await jobs.claim(prefix, 60_000, id);
  if (claim === null) throw new Error(`${id} could not be claimed`);
  const intent = await jobs.intend(claim.lease, { step: 0, use: 'snapshot', kind: 'snapshot', state: { of: id } });
  const isKept = n % 2 === 0;
  if (isKept) say(`open ${intent.id}`);
  await jobs.saveStep(claim.lease, step(id, { checkpoint: { n } }));
  say(`step ${id}`);
  if (isKept) continue;
  await jobs.settleIntent(claim.lease, intent.id);
  say(`settled ${intent.id}`);
  await jobs.finish(claim.lease, 'done', null, { n });
  say(`done ${id}`);
}
