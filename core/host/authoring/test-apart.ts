import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cancelled, type LogLevel } from '@holdfast/api';
import { startWorker } from '../../base/start-worker.ts';
import { safeText } from '../../model/text/safe-text.ts';
import { readPlugin } from '../manifest/read.ts';
import { forwardOutput } from '../rpc/output.ts';
import type { PluginTestReport, TestEvent } from './test-plugin.ts';
import { TestSoFar } from './test-so-far.ts';

/** What of a test apart may be chosen. */
export interface TestApartOptions {
  readonly log: (level: LogLevel, message: string) => void;
  /** Ends the test: `CANCELLED`. */
  readonly signal: AbortSignal;
  /** Whether the plugin finds `@holdfast/*` by itself, as shipped ones do. */
  readonly resolvesHere: boolean;
  /** How much longer than it may a check takes before its thread is ended, in milliseconds. Default is 5000. */
  readonly graceMs?: number;
}

/** What the thread of a test is started with. */
export interface TestStart {
  readonly folder: string;
  readonly temporaryFolder: string;
  readonly resolvesHere: boolean;
}

/** What the thread of a test says. */
export type FromTest =
  | { readonly say: 'event'; readonly event: TestEvent }
  | { readonly say: 'log'; readonly level: LogLevel; readonly message: string }
  | { readonly say: 'report'; readonly report: PluginTestReport };

/** For what is no check: preparing, opening, closing. Longer than an opening may take. */
const betweenMs = 90_000;
const wholeMs = 30 * 60_000;

/**
 * Runs `testPlugin` in a thread that can be ended: a plugin that loops for ever or ends its thread fails a check, which is
 * named, and leaves no folder behind.
 */
export async function testPluginApart(folder: string, options: TestApartOptions): Promise<PluginTestReport> {
  const { signal, log, graceMs = 5000, resolvesHere } = options;
  const what = `the test of ${folder}`;
  if (signal.aborted) throw cancelled(what);
  const temporaryFolder = mkdtempSync(join(tmpdir(), 'holdfast-plugin-test-'));
  const start: TestStart = { folder, temporaryFolder, resolvesHere };
  const worker = startWorker(import.meta.url, './test-worker', { name: 'plugin test', data: start, output: true });
  const soFar = new TestSoFar(readPlugin(folder, folder, null).manifest.name);
  const { promise, resolve, reject } = Promise.withResolvers<PluginTestReport>();
  let isOver = false;
  const giveUp = (failure: string): void => {
    // A thread that is being ended ends, too.
    if (!isOver) resolve(soFar.failed(failure));
    isOver = true;
  };
  const late = (): void => giveUp(`TIMEOUT: ${soFar.plugin} did not end ${soFar.doing} in time and was ended`);
  let timer = setTimeout(late, betweenMs);
  const whole = setTimeout(late, wholeMs);
  const onAbort = (): void => reject(cancelled(what));
  signal.addEventListener('abort', onAbort, { once: true });
  forwardOutput(worker.stdout, (line) => log('info', line));
  forwardOutput(worker.stderr, (line) => log('warn', line));
  worker.on('message', (message: FromTest) => {
    if (message.say === 'log') return log(message.level, message.message);
    if (message.say === 'report') return resolve(message.report);
    soFar.add(message.event);
    clearTimeout(timer);
    timer = setTimeout(late, message.event.at === 'check' ? message.event.limitMs + graceMs : betweenMs);
  });
  worker.on('error', (thrown: unknown) =>
    giveUp(`PLUGIN_FAILED: ${safeText(thrown instanceof Error ? thrown.message : String(thrown), 500)}`),
  );
  worker.on('exit', (code) => giveUp(`PLUGIN_FAILED: ${soFar.plugin} ended its thread (exit code ${code})`));
  try {
    return await promise;
  } finally {
    isOver = true;
    clearTimeout(timer);
    clearTimeout(whole);
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
    rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 3 });
  }
}
