import { HoldfastError } from '@holdfast/api';

/** Something that was to be kept is no plain data, or has no bounds: whoever made it broke the contract. */
export const notPlain = (why: string, cause?: unknown): HoldfastError =>
  new HoldfastError('PLUGIN_FAILED', `cannot be kept in the catalog: ${why}`, {
    remedy: 'report it to the author of the plugin that gave it',
    cause,
  });
