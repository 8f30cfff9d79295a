/** Alarms that are not found by looking: raised and cleared by whoever meets the trouble. */
export const notifierPrefix = 'notifier ';
export const collectionPrefix = 'collection ';
