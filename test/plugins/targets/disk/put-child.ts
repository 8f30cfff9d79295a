import { makeCall } from '@holdfast/api';
import { openDiskTarget } from '../../../../plugins/targets/disk/src/open.ts';

/** Puts one object and prints how that went: to be run under strace. */
const [path = '', name = ''] = process.argv.slice(2);
const store = await openDiskTarget({ settings: { path } }, makeCall());
const outcome = await store.put(name, new Uint8Array(100_000).fill(7), { ifAbsent: true }, makeCall()).then(
  () => ({ code: null }),
  (thrown: unknown) => ({ code: thrown instanceof Error && 'code' in thrown ? thrown.code : 'BUG' }),
);
console.log(JSON.stringify(outcome));
