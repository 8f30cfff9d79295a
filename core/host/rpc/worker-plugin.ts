import { getCompileCacheDir } from 'node:module';
import { MessageChannel, Worker } from 'node:worker_threads';
import { HoldfastError, type LogLevel, type Manifest } from '@holdfast/api';
import { workerUrl } from '../../base/worker-url.ts';
import type { ActivePlugin } from '../activation/activated.ts';
import { describe } from '../guard/failure.ts';
import { Heartbeat } from './heartbeat.ts';
import { forwardOutput } from './output.ts';
import { Peer } from './peer.ts';
import { unpackError } from './wire-error.ts';
import type { WorkerLimits } from './worker-limits.ts';
import type { FromWorker, WorkerStart } from './worker-start.ts';

export interface WorkerPluginOptions {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly dataFolder: string;
  /** Whether the plugin finds `@holdfast/*` by itself. */
  readonly resolvesHere: boolean;
  readonly limits: WorkerLimits;
  readonly log: (level: LogLevel, message: string) => void;
  /** The worker has ended though nobody asked it to. Called at most once, after all that was waited for has failed. */
  readonly crashed: (reason: string) => void;
}

/** Variables of the environment that a plugin sees; secrets are handed to it otherwise. */
const passedOn = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'XDG_RUNTIME_DIR'];

/**
 * Starts a worker thread for a plugin and activates it there.
 * @throws `PLUGIN_FAILED` when it does not activate in time, or ends.
 */
export async function activateInWorker(options: WorkerPluginOptions): Promise<ActivePlugin> {
  const plugin = new WorkerPlugin(options);
  return await plugin.activated();
}

class WorkerPlugin {
  readonly #options: WorkerPluginOptions;
  readonly #worker: Worker;
  readonly #peer: Peer;
  /** Beats once the plugin is active: until then the limit of the activation holds. */
  #heartbeat: Heartbeat | null = null;
  readonly #ended: Promise<void>;
  #isWanted = true;
  #isKilled = false;
  /** Why the worker is being ended, once that has been decided. */
  #reason: string | null = null;

  constructor(options: WorkerPluginOptions) {
    this.#options = options;
    const { folder, manifest, dataFolder, resolvesHere, limits } = options;
    const { port1, port2 } = new MessageChannel();
    const compileCache = getCompileCacheDir() ?? null;
    const start: WorkerStart = { port: port2, folder, manifest, dataFolder, resolvesHere, compileCache };
    this.#worker = new Worker(workerUrl(import.meta.url, './plugin-worker'), {
      name: manifest.name,
      workerData: start,
      transferList: [port2],
      env: Object.fromEntries(
        passedOn.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]])),
      ),
      argv: [],
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMb },
    });
    forwardOutput(this.#worker.stdout, (line) => options.log('info', line));
    forwardOutput(this.#worker.stderr, (line) => options.log('warn', line));
    this.#peer = new Peer(port1, {
      log: options.log,
      busy: (isBusy) => {
        // A worker at rest does not keep the process alive; one that is being ended does, until it has.
        if (isBusy || this.#reason !== null) this.#worker.ref();
        else this.#worker.unref();
      },
      ping: () => {},
      pong: (n, memoryBytes) => this.#heartbeat?.pong(n, memoryBytes),
      garbled: (reason) => this.#kill(`it sent ${reason}`),
    });
    port1.unref();
    this.#worker.on('error', (thrown: unknown) => this.#failed(thrown));
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#over(this.#reason ?? `it ended its thread (exit code ${code})`);
        resolve();
      });
    });
  }

  /** The plugin, once its `activate` has returned. */
  async activated(): Promise<ActivePlugin> {
    const { promise, resolve, reject } = Promise.withResolvers<FromWorker>();
    let words = 0;
    this.#worker.on('message', (message: FromWorker) => {
      words += 1;
      if (words === 1) resolve(message);
      else this.#kill('it spoke past the contract');
    });
    const { manifest, limits } = this.#options;
    const timer = setTimeout(() => {
      this.#kill(`it did not activate within ${limits.activationMs / 1000} s`);
    }, limits.activationMs);
    void this.#ended.then(() => reject(this.#gone()));
    try {
      const first = await promise;
      if (first.state === 'failed') throw unpackError(first.error);
      this.#worker.unref();
      this.#watchOver();
      const service = this.#peer.use('plugin', first.handle) as ActivePlugin & { deactivate(): Promise<void> };
      return {
        ...service,
        deactivate: () => this.#stop(() => service.deactivate()),
        crash: async () => {
          this.#kill('it was ended on purpose');
          await this.#ended;
        },
      };
    } catch (thrown) {
      this.#isWanted = false;
      // Why it failed is known now; that its thread ends is then our own doing.
      const reason = this.#reason;
      await this.#worker.terminate();
      throw reason === null ? thrown : new HoldfastError('PLUGIN_FAILED', `${manifest.name}: ${reason}`);
    } finally {
      clearTimeout(timer);
    }
  }

  #watchOver(): void {
    const { limits } = this.#options;
    this.#heartbeat = new Heartbeat({
      everyMs: limits.pingEveryMs,
      misses: limits.pingMisses,
      maxMemoryBytes: limits.memoryBytes,
      ping: (n) => this.#peer.post({ t: 'ping', n }),
      processMemoryBytes: () => process.memoryUsage.rss(),
      stuck: (reason) => this.#kill(reason),
    });
  }

  async #stop(deactivate: () => Promise<void>): Promise<void> {
    if (this.#reason !== null) return await this.#ended;
    this.#isWanted = false;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#options.log('warn', `${this.#options.manifest.name} did not stop in time and was ended`);
      resolve();
    }, this.#options.limits.stopMs);
    try {
      await Promise.race([deactivate(), late]);
    } catch (thrown) {
      const text = thrown instanceof Error ? thrown.message : 'unknown';
      this.#options.log('error', `${this.#options.manifest.name} failed to stop: ${text}`);
    } finally {
      clearTimeout(timer);
      await this.#worker.terminate();
      await this.#ended;
    }
  }

  /** An exception that nothing in the worker caught, or its heap is full. */
  #failed(thrown: unknown): void {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') this.#reason ??= 'it ran out of memory';
    else {
      const { text, stack } = describe(thrown);
      this.#options.log('error', `${this.#options.manifest.name} threw outside of any call: ${stack}`);
      this.#reason ??= `it threw outside of any call: ${text}`;
    }
  }

  #kill(reason: string): void {
    if (this.#isKilled) return;
    this.#isKilled = true;
    this.#over(this.#reason ?? reason);
    void this.#worker.terminate();
  }

  /** Once: everything that waits for this worker fails, and the host hears of it. */
  #over(reason: string): void {
    this.#reason ??= reason;
    this.#heartbeat?.[Symbol.dispose]();
    this.#peer.break(this.#gone());
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#options.crashed(this.#reason);
  }

  #gone(): HoldfastError {
    const { name } = this.#options.manifest;
    const reason = this.#reason ?? 'it has been stopped';
    return new HoldfastError('PLUGIN_FAILED', `${name} is gone: ${reason}`, {
      remedy: `try again: it is started anew; see \`holdfast plugin show ${name}\` if it happens again`,
      facts: { plugin: name, reason },
    });
  }
}
