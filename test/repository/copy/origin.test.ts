import { makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { parseManifest } from '../../../core/repository/points/manifest.ts';
import { mutated, survives } from '../malformed.ts';
import { documentsOf, manifest, temporaryFolder } from '../paper.ts';
import { MemoryStore } from '../stores.ts';

const point = 'a'.repeat(32);
const origin = { repository: 'b'.repeat(32), point: 'c'.repeat(32) };

describe('the origin of a copy', () => {
  test('stands in its manifest, and manifests that were made here have none', async () => {
    await using folder = await temporaryFolder();
    const documents = documentsOf(new MemoryStore(), folder.path);
    const name = `manifests/${'d'.repeat(32)}/${'e'.repeat(32)}`;
    for (const one of [manifest(point, 1), manifest(point, 1, { origin })]) {
      await documents.put(documents.seal(name, one), makeCall());
      expect(parseManifest((await documents.fetch(name, makeCall())).value, name)).toEqual(one);
      await documents.store.remove(name, makeCall());
    }
    expect('origin' in parseManifest(manifest(point, 1), name)).toBe(false);
  });

  test('that is not two identities is damage', () => {
    for (const wrong of [{}, 'x', { ...origin, point: 'C'.repeat(32) }, { repository: origin.repository }, [origin]]) {
      const made = { ...manifest(point, 1), origin: wrong };
      expect(() => parseManifest(made, 'a manifest')).toThrow(expect.objectContaining({ code: 'REPOSITORY_DAMAGED' }));
    }
  });

  test('changed at random 10,000 times ends in a manifest or a clear error', () => {
    const good: unknown = JSON.parse(JSON.stringify(manifest(point, 1, { origin })));
    expect(survives(mutated(good), (value) => parseManifest(value, 'a manifest'))).toBeGreaterThan(2000);
  });
});
