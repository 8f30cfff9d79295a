import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Machine, makeCall } from '@holdfast/api';
import { DocumentCache } from '../../core/repository/documents/document-cache.ts';
import { Documents } from '../../core/repository/documents/documents.ts';
import { commitName, manifestName, randomId } from '../../core/repository/documents/names.ts';
import type { Manifest } from '../../core/repository/points/manifest.ts';
import type { MemoryStore } from './stores.ts';

/** Documents of a repository without any chunks: enough for what only looks at documents. */
export const keys = {
  repositoryId: '0123456789abcdef0123456789abcdef',
  secrets: { family: Buffer.alloc(32, 1), generations: { 1: Buffer.alloc(32, 2) }, current: 1 },
};

/** A folder that is gone at the end. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-repository-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export function documentsOf(store: MemoryStore, cacheFolder: string): Documents {
  return new Documents(store, keys, new DocumentCache(cacheFolder));
}

export const machine = (id: string): Machine => ({
  id,
  name: `machine ${id}`,
  power: 'off',
  place: 'lab',
  tags: ['gold'],
  disks: [{ key: 'vda', sizeBytes: 4096, format: 'raw', kind: 'virtual', location: '/vda.raw' }],
  config: { mediaType: 'application/x-libvirt+xml', text: '<domain/>' },
});

/** A manifest with one disk of zeros. */
export function manifest(point: string, takenAt: number, more: Partial<Manifest> = {}): Manifest {
  return {
    version: 1,
    point,
    previous: null,
    endpoint: 'lab',
    machine: machine('m1'),
    takenAt,
    consistency: 'crash',
    frozenMs: 0,
    run: 'run-1',
    writtenAt: takenAt,
    storedBytes: 10,
    disks: [
      {
        key: 'vda',
        sizeBytes: 4096,
        format: 'raw',
        changeToken: 't1',
        segmentBytes: 64 * 1024 * 1024,
        map: ['ab'.repeat(32)],
        chunks: 1,
        dataBytes: 4096,
        root: 'cd'.repeat(32),
      },
    ],
    ...more,
  };
}

/** Puts a manifest and its commit as a writer would. */
export async function putPoint(
  documents: Documents,
  takenAt: number,
  more: Partial<Manifest> = {},
): Promise<{ readonly point: string; readonly manifest: string; readonly sha256: string }> {
  const point = randomId();
  const name = manifestName('0'.repeat(32), randomId());
  const sealed = documents.seal(name, manifest(point, takenAt, more));
  await documents.put(sealed, makeCall());
  const commit = { version: 1, lease: point, state: 'committed', manifest: name, sha256: sealed.sha256, runs: [] };
  await documents.put(documents.seal(commitName(point), { ...commit, committedAt: takenAt + 1 }), makeCall());
  return { point, manifest: name, sha256: sealed.sha256 };
}
