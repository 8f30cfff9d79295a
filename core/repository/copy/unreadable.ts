import { HoldfastError } from '@holdfast/api';

/** The destination cannot give back what it was thought to have, or what was just written. */
export const unreadable = (disk: string, cause: HoldfastError): HoldfastError =>
  new HoldfastError(
    'VERIFY_FAILED',
    `the copy of disk ${disk} cannot be read back: the destination has lost chunks of it; the copy was given up`,
    { remedy: 'mend the destination with `holdfast repository repair`, then copy again', cause },
  );
