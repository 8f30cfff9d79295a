/** Something wrong in a repository, with what it concerns. */
export interface Damage {
  /** Name of the object. */
  readonly object: string;
  readonly kind: 'missing' | 'damaged' | 'foreign' | 'stale';
  readonly detail: string;
  /**
   * Restore points that can no longer be restored whole, with the disks and byte ranges concerned; at most 1,000, each point that is
   * concerned at least once. Disk `*` with length 0 means the whole point: it cannot be opened.
   */
  readonly concerns: readonly {
    readonly point: string;
    readonly disk: string;
    readonly offset: number;
    readonly length: number;
  }[];
}
