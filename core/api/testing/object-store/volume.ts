import { sampleBytes } from '../bytes.ts';
import type { Check } from '../check.ts';
import { demand } from '../expect.ts';
import type { ProbeStore } from './probe-store.ts';

/** As many objects as a store of some size has in one place. */
export function volumeChecks(probe: ProbeStore, manyObjects: number): readonly Check[] {
  return [
    {
      name: `${manyObjects} objects are stored and all are listed, each once`,
      limitMs: 30_000 + manyObjects * 30,
      async run() {
        const body = sampleBytes(16, 5);
        const name = (i: number): string => `many/${String(i % 100).padStart(2, '0')}/${String(i).padStart(6, '0')}`;
        for (let at = 0; at < manyObjects; at += 64) {
          const batch = Array.from({ length: Math.min(64, manyObjects - at) }, (_, i) => name(at + i));
          await Promise.all(batch.map((one) => probe.put(one, body, { ifAbsent: true })));
        }
        const listed = await probe.list('many/');
        demand(listed.length === manyObjects, `${listed.length} of ${manyObjects} objects are listed`);
        demand(new Set(listed).size === manyObjects, 'an object is listed twice');
        return listed.length;
      },
    },
    {
      name: 'a list that is left early does no harm',
      async run() {
        let count = 0;
        for await (const _ of probe.store.list(probe.name('many/'), probe.call)) if (++count === 3) break;
        demand((await probe.list('many/42/')).length > 0, 'nothing could be listed afterwards');
        return count;
      },
    },
    {
      name: 'everything can be removed, and then the store lists nothing of it',
      async run() {
        await probe.clear();
        const left = (await probe.list()).filter((name) => name !== 'locked');
        demand(left.length === 0, `${left.length} objects are left`);
        return null;
      },
    },
  ];
}
