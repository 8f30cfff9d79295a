import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countRequests, putsPerGiB, type Requests } from './count-requests.ts';
import { requestsOf } from './counting-store.ts';

const WORKERS = 2;
const MIB = 1024 * 1024;
let folder = '';
let counted: readonly Requests[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-requests-'));
  counted = await countRequests(folder, 96 * MIB, WORKERS);
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

function of(what: Requests['what']): Requests {
  const found = counted.find((one) => one.what === what);
  if (found === undefined) throw new Error(`nobody counted ${what}`);
  return found;
}

const puts = (what: Requests['what']): number => requestsOf(of(what).requests, 'put');
const packs = (what: Requests['what']): number => of(what).requests['put packs'] ?? 0;

describe('what a cloud is asked for', () => {
  it('are at most 40 PUTs for each GiB that is stored', () => {
    expect(packs('full')).toBeGreaterThan(WORKERS);
    expect(putsPerGiB(of('full'), WORKERS)).toBeLessThanOrEqual(40);
  });

  it('besides packs is little for each run: lease, index run, manifest, commit, end of the lease, and the saved catalog', () => {
    expect(puts('full') - packs('full')).toBeLessThanOrEqual(8);
    expect(puts('2 % changed') - packs('2 % changed')).toBeLessThanOrEqual(8);
    expect(packs('2 % changed')).toBeLessThanOrEqual(WORKERS);
  });

  it('by a run with nothing changed is no pack, no index run and hardly anything read', () => {
    const { requests } = of('nothing changed');
    expect(packs('nothing changed')).toBe(0);
    expect(requests['put index'] ?? 0).toBe(0);
    expect(puts('nothing changed')).toBeLessThanOrEqual(7);
    expect(requestsOf(requests, 'get')).toBeLessThanOrEqual(8);
    expect(requests['get packs'] ?? 0).toBe(0);
    expect(requests['get index'] ?? 0).toBe(0);
    expect(requestsOf(requests, 'list')).toBeLessThanOrEqual(13);
  });

  it('by a collection is a lease, a tombstone and whom it waits for, when nothing is written anew', () => {
    const { requests } = of('collection');
    expect(puts('collection') - packs('collection') - (requests['put index'] ?? 0)).toBeLessThanOrEqual(4);
    expect(requests['put packs'] ?? 0).toBeLessThanOrEqual(1);
  });
});
