import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ABSENT, FIRST_PACK, IdTable, idTableMemory, KNOWN } from '../../../core/repository/data/table/id-table.ts';

const newId = (): Int32Array => new Int32Array(Uint8Array.from(randomBytes(32)).buffer);

describe('the table of chunk ids', () => {
  it('gives an id to whoever claims it first', () => {
    const table = new IdTable(idTableMemory(1024));
    const id = newId();
    expect(table.find(id)).toBe(ABSENT);
    expect(table.claim(id, FIRST_PACK)).toBe(FIRST_PACK);
    expect(table.claim(id, FIRST_PACK + 1)).toBe(FIRST_PACK);
    expect(table.find(id)).toBe(FIRST_PACK);
    expect(table.count).toBe(1);
  });

  it('tells ids apart that differ in one bit', () => {
    const table = new IdTable(idTableMemory(4096));
    const id = newId();
    table.claim(id, KNOWN);
    for (let bit = 0; bit < 256; bit++) {
      const other = id.slice();
      other[bit >> 5] = (other[bit >> 5] ?? 0) ^ (1 << (bit & 31));
      expect(table.find(other)).toBe(ABSENT);
      expect(table.claim(other, FIRST_PACK + bit)).toBe(FIRST_PACK + bit);
    }
    expect(table.find(id)).toBe(KNOWN);
  });

  it('lets a new owner take over from a lost one, but only one of them', () => {
    const table = new IdTable(idTableMemory(64));
    const id = newId();
    table.claim(id, FIRST_PACK);
    expect(table.replace(id, FIRST_PACK, FIRST_PACK + 1)).toBe(FIRST_PACK + 1);
    expect(table.replace(id, FIRST_PACK, FIRST_PACK + 2)).toBe(FIRST_PACK + 1);
  });

  it('enters nothing more when it is full, keeps what it has, and can be emptied', () => {
    const table = new IdTable(idTableMemory(64));
    const ids = Array.from({ length: 100 }, newId);
    const entered = ids.filter((id) => table.claim(id, KNOWN) === KNOWN);
    expect(table.isCrowded).toBe(true);
    expect(entered.length).toBeLessThan(64);
    expect(entered.length).toBeGreaterThan(50);
    for (const id of entered) expect(table.find(id)).toBe(KNOWN);
    table.clear();
    expect(table.count).toBe(0);
    for (const id of ids) expect(table.find(id)).toBe(ABSENT);
  });

  it('gives each id to exactly one of several threads that claim all of them at once', async () => {
    const count = 3000;
    const memory = idTableMemory(8192);
    const ids = new Int32Array(new SharedArrayBuffer(count * 32));
    randomBytes(count * 32).copy(Buffer.from(ids.buffer));
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const code = `
      const { workerData, parentPort } = require('node:worker_threads');
      import(workerData.module).then(({ IdTable }) => {
        const table = new IdTable(workerData.memory);
        parentPort.postMessage('ready');
        Atomics.wait(workerData.gate, 0, 0);
        let mine = 0;
        for (let i = 0; i < ${count}; i++) {
          const at = (i * 7 + workerData.owner * 13) % ${count};
          if (table.claim(workerData.ids.slice(at * 8, at * 8 + 8), workerData.owner) === workerData.owner) mine++;
        }
        parentPort.postMessage(mine);
      });`;
    const module = new URL('../../../core/repository/data/table/id-table.ts', import.meta.url).href;
    const threads = [0, 1, 2].map((n) => {
      return new Worker(code, { eval: true, workerData: { module, memory, ids, gate, owner: FIRST_PACK + n } });
    });
    const next = (thread: Worker) => new Promise<unknown>((resolve) => thread.once('message', resolve));
    await Promise.all(threads.map(next));
    const counts = threads.map(next);
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    const claimed = (await Promise.all(counts)).map(Number);
    await Promise.all(threads.map((thread) => thread.terminate()));
    const table = new IdTable(memory);
    expect(claimed.reduce((sum, mine) => sum + mine, 0)).toBe(count);
    expect(table.count).toBe(count);
  });
});
