import { join } from 'node:path';
import type { OpenDataPlane } from '../data-plane.ts';
import { startThreadLane } from './lanes/started-lane.ts';
import { Plane } from './plane.ts';

/**
 * Opens the data plane of a repository. Reads nothing yet: `refresh` does.
 * @throws `REPOSITORY_NEWER` when the repository cuts in a way that this version does not know.
 */
export const openDataPlane: OpenDataPlane = async (options) => {
  const folder = join(options.cacheFolder, 'index', options.suite.repositoryId);
  // Threads bring their own code along: only who has none loads it here.
  const startLane = options.workers > 0 ? startThreadLane : (await import('./lanes/inline-lane.ts')).startInlineLane;
  return new Plane(options, folder, undefined, startLane);
};
