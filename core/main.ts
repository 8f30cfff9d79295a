/** Wires the parts together: the only file that knows everything. */
export {};
