import { join } from 'node:path';
import type { OpenDataPlane } from '../data-plane.ts';
import { Plane } from './plane.ts';

/** Who works without threads has little to do, and little memory for it. */
const INLINE_TABLE_SLOTS = 2 ** 12;

/**
 * Opens the data plane of a repository. Reads nothing yet: `refresh` does.
 * @throws `REPOSITORY_NEWER` when the repository cuts in a way that this version does not know.
 */
export const openDataPlane: OpenDataPlane = async (options) => {
  const folder = join(options.cacheFolder, 'index', options.suite.repositoryId);
  // Threads bring their own code along: only who has none loads it here.
  if (options.workers > 0) return new Plane(options, folder);
  const { startInlineLane } = await import('./lanes/inline-lane.ts');
  return new Plane(options, folder, INLINE_TABLE_SLOTS, startInlineLane);
};
