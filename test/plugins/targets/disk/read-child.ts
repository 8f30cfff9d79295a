import { makeCall } from '@holdfast/api';
import { openDiskTarget } from '../../../../plugins/targets/disk/src/open.ts';

/** Looks at one object in three ways and prints what each came to: to be run under strace. */
const [path = '', name = ''] = process.argv.slice(2);
const store = await openDiskTarget({ settings: { path } }, makeCall());
const ways = {
  list: async () => {
    const names: string[] = [];
    for await (const object of store.list(name.slice(0, name.lastIndexOf('/') + 1), makeCall()))
      names.push(object.name);
    return names.includes(name);
  },
  get: async () => {
    for await (const piece of store.get(name, null, makeCall())) return piece.length > 0;
    return false;
  },
  locate: async () => (await store.locate?.(name, makeCall())) !== null,
};
const outcome: Record<string, unknown> = {};
for (const [way, look] of Object.entries(ways)) {
  outcome[way] = await look().catch((thrown: unknown) =>
    thrown instanceof Error && 'code' in thrown ? thrown.code : 'BUG',
  );
}
console.log(JSON.stringify(outcome));
