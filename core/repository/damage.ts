/** Something wrong in a repository, with what it concerns. */
export interface Damage {
  /** Name of the object. */
  readonly object: string;
  /** `unknown` is what a newer program may have written, or sealed with a key that is not held: it may be whole, so nothing is done about it. */
  readonly kind: 'missing' | 'damaged' | 'foreign' | 'stale' | 'unknown';
  readonly detail: string;
  /**
   * Restore points that can no longer be restored whole, with the disks and byte ranges concerned. Of all damage together some 20,000 ranges are
   * listed; beyond these one for each object, and one for each restore point. Disk `*` with length 0 means the whole point: it cannot be opened.
   */
  readonly concerns: readonly {
    readonly point: string;
    readonly disk: string;
    readonly offset: number;
    readonly length: number;
  }[];
  /** Ranges that it concerns as well and that are not listed. */
  readonly unlisted?: number;
}
