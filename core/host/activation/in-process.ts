import { HoldfastError } from '@holdfast/api';
import { type ActivationOptions, type ActivePlugin, activatePlugin } from './activated.ts';
import { loadActivate } from './load-module.ts';

/** Where a plugin is and what it is told. */
export interface LoadOptions extends ActivationOptions {
  readonly folder: string;
  /** Shipped plugins find `@holdfast/*` as core does. */
  readonly resolvesHere: boolean;
  readonly limitMs: number;
}

/** Activates a plugin in this thread. */
export async function activateInProcess(options: LoadOptions): Promise<ActivePlugin> {
  const { folder, manifest, resolvesHere } = options;
  const work = loadActivate(folder, manifest, resolvesHere).then((activate) => activatePlugin(activate, options));
  return await withinLimit(work, manifest.name, options.limitMs);
}

/** Waits for an activation, and no longer than the limit. What comes too late is undone. */
export async function withinLimit(work: Promise<ActivePlugin>, plugin: string, limitMs: number): Promise<ActivePlugin> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `${plugin} did not activate within ${limitMs / 1000} s`;
    reject(new HoldfastError('PLUGIN_FAILED', message, { facts: { plugin, limitMs } }));
    work.then((active) => active.deactivate()).catch(() => {});
  }, limitMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
