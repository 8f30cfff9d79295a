import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countRequests, putsPerGiB } from './scale/count-requests.ts';
import { requestsOf } from './scale/counting-store.ts';

/**
 * What a cloud would be asked for, counted: in full, with 2 % changed, with nothing changed, by a fast check and by a collection; with so many worker
 * threads. `--size` is that of the disk in MiB, none of which shrinks. `--limit` fails when a GiB takes more PUTs with two threads.
 */
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '512' },
    folder: { type: 'string', default: tmpdir() },
    limit: { type: 'string', default: '40' },
  },
});

console.log('| threads | | PUT | of these packs | GET | LIST | removed | MiB put | PUTs/GiB |');
console.log('|---:|---|---:|---:|---:|---:|---:|---:|---:|');
let isMet = true;
for (const workers of [1, 2, 4, 8]) {
  const folder = await mkdtemp(join(values.folder, 'holdfast-bench-puts-'));
  try {
    for (const counted of await countRequests(folder, Number(values.size) * 1024 * 1024, workers)) {
      const { what, requests, putBytes } = counted;
      const sums = ['put', 'get', 'list', 'remove'].map((operation) => requestsOf(requests, operation));
      const [put, get, list, removed] = sums;
      const perGiB = what === 'full' ? putsPerGiB(counted, workers).toFixed(1) : '';
      if (what === 'full' && workers === 2 && Number(perGiB) > Number(values.limit)) isMet = false;
      const mebibytes = (putBytes / 2 ** 20).toFixed(1);
      console.log(
        `| ${workers} | ${what} | ${put} | ${requests['put packs'] ?? 0} | ${get} | ${list} | ${removed} | ${mebibytes} | ${perGiB} |`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
console.log(`with two threads: ${isMet ? 'met' : 'MISSED'}, at most ${values.limit} PUTs for each GiB stored`);
if (!isMet) process.exitCode = 1;
