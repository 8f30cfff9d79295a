// Claims and finishes runs until none is left: `claim-all.ts FILE HOLDER`.
import { openCatalog } from '../../../core/catalog/open.ts';
import { say } from './say.ts';

const [, , file = '', holder = ''] = process.argv;
await using catalog = await openCatalog({ file });
say('ready');
for (;;) {
  const claim = await catalog.jobs.claim(holder, 60_000);
  if (claim === null) break;
  say(`${claim.run.id} ${claim.lease.token}`);
  await catalog.jobs.finish(claim.lease, 'done', null, null);
}
