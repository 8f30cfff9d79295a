import { join } from 'node:path';
import type { OpenDataPlane } from '../data-plane.ts';
import { Plane } from './plane.ts';

/**
 * Opens the data plane of a repository. Reads nothing yet: `refresh` does.
 * @throws `REPOSITORY_NEWER` when the repository cuts in a way that this version does not know.
 */
export const openDataPlane: OpenDataPlane = async (options) =>
  new Plane(options, join(options.cacheFolder, 'index', options.suite.repositoryId));
