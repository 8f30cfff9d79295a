import type { Config, LoadedConfig, Origin } from './contract.ts';
import { coreProperties } from './schema/core-schema.ts';

/** The configuration where nothing is configured. */
export function defaultConfig(): LoadedConfig {
  const config: Config = {
    endpoints: Object.create(null),
    targets: Object.create(null),
    slots: Object.create(null),
    keep: Object.create(null),
    compression: coreProperties.compression.default,
    workers: coreProperties.workers.default,
    plugins: Object.create(null),
    server: Object.create(null),
    approvals: Object.create(null),
    notifiers: Object.create(null),
    metrics: Object.create(null),
    schedules: Object.create(null),
  };
  const origin: Origin = { layer: 'default', place: 'default' };
  return {
    config,
    origins: new Map([
      ['compression', origin],
      ['workers', origin],
    ]),
    files: [],
    untrusted: [],
  };
}
