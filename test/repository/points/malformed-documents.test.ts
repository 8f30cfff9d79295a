import { describe, expect, test } from 'vitest';
import { parseLease, parseLeaseEnd } from '../../../core/repository/leases/lease-document.ts';
import { parseCommit } from '../../../core/repository/points/commit-document.ts';
import { parseForgotten } from '../../../core/repository/points/forgotten-document.ts';
import { parseManifest } from '../../../core/repository/points/manifest.ts';
import { mutated, survives } from '../malformed.ts';
import { manifest } from '../paper.ts';

const id = 'a'.repeat(32);
const hash = 'b'.repeat(64);
const name = `manifests/${id}/${id}`;

describe('documents that a hostile store has made up', () => {
  test('a good manifest is read as it was written', () => {
    const good = manifest(id, 5, { previous: { name, sha256: hash } });
    expect(parseManifest(JSON.parse(JSON.stringify(good)), name)).toEqual(good);
  });

  test('10,000 malformed manifests all end in a manifest or a clear error', () => {
    const good = manifest(id, 5, { previous: { name, sha256: hash } });
    expect(survives(mutated(good), (value) => parseManifest(value, name))).toBeGreaterThan(5000);
  });

  test('10,000 malformed commits all end in a commit or a clear error', () => {
    const good = {
      version: 1,
      lease: id,
      state: 'committed',
      manifest: name,
      sha256: hash,
      runs: [id],
      committedAt: 1,
    };
    expect(survives(mutated(good), (value) => parseCommit(value, 'commits/x', id))).toBeGreaterThan(5000);
  });

  test('10,000 malformed leases, ends and forgets all end in a value or a clear error', () => {
    const lease = { version: 1, lease: id, purpose: 'read', host: 'h', pid: 1, startedAt: 1, silentAfterMs: 1 };
    expect(survives(mutated(lease), (value) => parseLease(value, 'leases/x', id), 4000)).toBeGreaterThan(1000);
    const end = { version: 1, lease: id, endedAt: 1 };
    expect(survives(mutated(end), (value) => parseLeaseEnd(value, 'leases/x.end', id), 3000)).toBeGreaterThan(1000);
    const forget = { version: 1, point: id, sha256: hash, forgottenAt: 1, reason: 'r' };
    expect(survives(mutated(forget), (value) => parseForgotten(value, 'x', id), 3000)).toBeGreaterThan(1000);
  });

  test('a disk map that has not the pages of its disk, and a disk key that is there twice, are refused', () => {
    const good = manifest(id, 5);
    const [disk] = good.disks;
    if (disk === undefined) throw new Error('no disk');
    for (const disks of [[{ ...disk, map: [] }], [{ ...disk, map: [hash, hash] }], [disk, disk]]) {
      expect(() => parseManifest({ ...good, disks }, name)).toThrow(
        expect.objectContaining({ code: 'REPOSITORY_DAMAGED' }),
      );
    }
  });

  test('a document whose content speaks of another lease than its name is refused', () => {
    const fenced = { version: 1, lease: id, state: 'fenced', fencedAt: 1 };
    expect(parseCommit(fenced, 'commits/x', id).state).toBe('fenced');
    expect(() => parseCommit(fenced, 'commits/x', 'c'.repeat(32))).toThrow(/not the one in the name/);
  });
});
