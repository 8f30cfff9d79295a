import { parentPort, workerData } from 'node:worker_threads';

const data: unknown = workerData;
parentPort?.postMessage({ data, cache: process.env.NODE_COMPILE_CACHE ?? null });
