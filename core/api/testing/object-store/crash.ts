import { makeCall } from '../../call.ts';
import { isHoldfastError } from '../../errors.ts';
import type { ObjectStore } from '../../target.ts';
import { joined, sameBytes, sampleBytes } from '../bytes.ts';
import type { Check } from '../check.ts';
import { collect, demand } from '../expect.ts';

/** A store whose process can be made to die. */
export interface StoreCrashSuite {
  /** Opens the store, in a process that lives. */
  open(): Promise<ObjectStore>;
  /** Ends the process that the store runs in, at once. */
  crash(): Promise<void>;
}

const rounds = 6;

/** What a store owes after its process has died in the middle of something. */
export function objectStoreCrashChecks(suite: StoreCrashSuite): readonly Check[] {
  const call = makeCall({ who: 'conformance' });
  const prefix = `conformance/${crypto.randomUUID()}`;
  return [
    {
      name: 'a put that is cut off by a crash leaves the whole object or nothing, and all before it',
      async run() {
        const before = sampleBytes(5000, 1);
        const first = await suite.open();
        await first.put(`${prefix}/before`, before, { ifAbsent: true }, call);
        for (let round = 0; round < rounds; round++) {
          const name = `${prefix}/cut-${round}`;
          const body = sampleBytes(6_000_000, round + 10);
          const store = await suite.open();
          const put = store.put(name, body, { ifAbsent: true }, call).then(
            () => true,
            () => false,
          );
          await new Promise((resolve) => setTimeout(resolve, round * 3));
          await suite.crash();
          const isAcknowledged = await put;
          const again = await suite.open();
          const names = (await collect(again.list(`${prefix}/`, call))).map((object) => object.name);
          demand(!isAcknowledged || names.includes(name), 'an object that was acknowledged is gone');
          demand(
            names.every((one) => /\/(before|cut-\d)$/.test(one)),
            `the store lists ${names.join(', ')}`,
          );
          const got = await readOrNull(again, name);
          demand((got !== null) === names.includes(name), 'the list and the object do not agree');
          demand(got === null || sameBytes(got, body), 'a part of an object is there');
          if (got === null) await again.put(name, body, { ifAbsent: true }, call);
          const kept = await readOrNull(again, `${prefix}/before`);
          demand(kept !== null && sameBytes(kept, before), 'an object from before the crash is gone or changed');
        }
        return rounds;
      },
    },
  ];
}

async function readOrNull(store: ObjectStore, name: string): Promise<Uint8Array | null> {
  try {
    return joined(await collect(store.get(name, null, makeCall({ who: 'conformance' }))));
  } catch (thrown) {
    if (isHoldfastError(thrown, 'OBJECT_NOT_FOUND')) return null;
    throw thrown;
  }
}
