import type { EngineParts } from '../run/parts.ts';
import type { RepositoryEngine } from './contract.ts';

/** Opens what is done to repositories as a whole. It holds nothing; what it takes is loaded when somebody uses it. */
export function openRepositories(parts: EngineParts): RepositoryEngine {
  return {
    collect: async (target, options, call) => (await import('./collect.ts')).collectOn(parts, target, options, call),
    deduplicate: async (target, options, call) =>
      (await import('./deduplicate.ts')).deduplicateOn(parts, target, options, call),
    copy: async (from, point, to, options, call) =>
      (await import('./copy.ts')).copyPoint(parts, from, point, to, options, call),
    planSync: async (wish, call) => (await import('./copy.ts')).planSync(parts, wish, call),
    sync: async (wish, points, options, call, told) =>
      (await import('./copy.ts')).syncTargets(parts, wish, points, options, call, told),
  };
}
