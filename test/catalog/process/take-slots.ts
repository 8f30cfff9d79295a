// Takes a slot and gives it back, again and again, and tells from when to when it had it: `take-slots.ts FILE CAPACITY TIMES`.
import { setTimeout as wait } from 'node:timers/promises';
import { openCatalog } from '../../../core/catalog/open.ts';
import { say } from './say.ts';

const [, , file = '', capacity = '', times = ''] = process.argv;
await using catalog = await openCatalog({ file });
say('ready');
for (let left = Number(times); left > 0; ) {
  const slot = await catalog.leases.takeSlot('snapshot:esx-1', Number(capacity), String(process.pid), 60_000);
  if (slot === null) continue;
  // The clock since boot, which all processes share.
  const from = process.hrtime.bigint();
  // Longer than it takes to get one, so that a slot too many would be seen.
  await wait(5);
  const to = process.hrtime.bigint();
  await catalog.leases.release(slot);
  say(`${from} ${to} ${slot.token}`);
  left -= 1;
}
