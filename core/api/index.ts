/** The contract between Holdfast and its plugins. Versioned by semver: `core/api/package.json`. */
export * from './call.ts';
export * from './command.ts';
export * from './disk.ts';
export * from './error-codes.ts';
export * from './errors.ts';
export * from './hypervisor.ts';
export * from './machine.ts';
export * from './manifest.ts';
export * from './media.ts';
export * from './plugin.ts';
export * from './point.ts';
export * from './target.ts';
export * from './technique.ts';
export * from './view.ts';
