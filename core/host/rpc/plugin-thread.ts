import { mkdirSync } from 'node:fs';
import { memoryUsage } from 'node:process';
import { parentPort } from 'node:worker_threads';
import { activatePlugin } from '../activation/activated.ts';
import { loadActivate } from '../activation/load-module.ts';
import { Peer } from './peer.ts';
import { LineLimit } from './served-call.ts';
import { packError } from './wire-error.ts';
import type { FromWorker, WorkerStart } from './worker-start.ts';

/** Runs one plugin in this thread: loads it, activates it, and serves it to the host. */
export async function runPlugin(start: WorkerStart): Promise<void> {
  const { port, folder, manifest, dataFolder, resolvesHere } = start;
  const tell = (message: FromWorker): void => parentPort?.postMessage(message);
  const peer: Peer = new Peer(port, {
    log: () => {},
    busy: () => {},
    ping: (n) => peer.post({ t: 'pong', n, memoryBytes: ownMemoryBytes() }),
    pong: () => {},
    garbled: (reason) => {
      throw new Error(`the host sent ${reason}`);
    },
  });
  const lines = new LineLimit();
  try {
    const activate = await loadActivate(folder, manifest, resolvesHere);
    const plugin = await activatePlugin(activate, {
      manifest,
      dataFolder: () => {
        mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
        return dataFolder;
      },
      log: (level, message) => {
        const text = lines.next(message);
        if (text !== null) peer.post({ t: 'log', level, text });
      },
    });
    tell({ state: 'active', handle: peer.offer('plugin', plugin) });
  } catch (thrown) {
    tell({ state: 'failed', error: packError(thrown) });
  }
}

/** Memory of this thread alone; the limits of V8 do not count buffers. */
function ownMemoryBytes(): number {
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external;
}
