/** Nanoseconds by a clock that all threads of the process share and that is never set. */
export const monotonicNs = (): bigint => process.hrtime.bigint();
