import { HoldfastError } from '@holdfast/api';

/** The error of a time that is not understood or never comes. */
export const invalidSchedule = (text: string, why: string, remedy: string): HoldfastError =>
  new HoldfastError('SCHEDULE_INVALID', `${JSON.stringify(text.slice(0, 100))} ${why}`, {
    remedy,
    facts: { schedule: text.slice(0, 100) },
  });
