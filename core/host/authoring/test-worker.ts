import { parentPort, workerData } from 'node:worker_threads';
import type { FromTest, TestStart } from './test-apart.ts';
import { testPlugin } from './test-plugin.ts';

const start = workerData as TestStart;
const say = (message: FromTest): void => parentPort?.postMessage(message);

const report = await testPlugin(start.folder, {
  resolvesHere: start.resolvesHere,
  temporaryFolder: start.temporaryFolder,
  log: (level, message) => say({ say: 'log', level, message }),
  told: (event) => say({ say: 'event', event }),
});
say({ say: 'report', report });
