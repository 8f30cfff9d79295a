import type { Cost, DiskKind } from './answer.ts';
import { cost, diskKinds, type Question } from './common.ts';
import { amountOrNull, list, object, oneOf, yesNo } from './shape.ts';

/** Values of the answers about snapshots (N1 to N8). A hypervisor and a technique of the family `snapshot` give them. */
export interface SnapshotAnswers {
  /** Snapshots being taken at once, and kept of one machine; `null` for no limit of its own. */
  readonly N1: { readonly maxConcurrent: number | null; readonly maxRetained: number | null };
  /**
   * Where it is taken, how it is kept, what it holds. One in the same failure domain as the disk (the same array, the
   * same folder) is never counted as a copy.
   */
  readonly N2: {
    readonly where: 'guest' | 'machine' | 'appliance' | 'array';
    readonly kind: 'full-copy' | 'delta';
    readonly captures: readonly ('disk' | 'memory' | 'config')[];
    readonly sameFailureDomain: boolean;
  };
  /** How applications are made consistent. */
  readonly N3: readonly ('vss' | 'fsfreeze' | 'script' | 'none')[];
  /** Hooks before the freeze and after the thaw; the longest freeze in milliseconds, and whether the thaw comes whatever dies. */
  readonly N4: {
    readonly before: boolean;
    readonly after: boolean;
    readonly limitMs: number | null;
    readonly thawGuaranteed: boolean;
  };
  readonly N5: readonly DiskKind[];
  /** How long the guest stands still, in milliseconds, and how much slower its disk is meanwhile (0.2 is 20 %); `null` when not known. */
  readonly N6: { readonly stunMs: number | null; readonly addedLatencyRatio: number | null };
  /** What backup and replication can do with it. `tracked` means that the hypervisor names changed blocks; `compared` that all is read. */
  readonly N7: {
    readonly exportable: boolean;
    readonly mountable: boolean;
    readonly changedBlocks: 'tracked' | 'compared' | 'none';
  };
  readonly N8: Cost;
}

export const snapshotQuestions: { readonly [K in keyof SnapshotAnswers]: Question<SnapshotAnswers[K]> } = {
  N1: {
    title: 'snapshots at once, kept',
    question: 'How many concurrent snapshots can take place, and how many snapshots can be retained?',
    value: object({ maxConcurrent: amountOrNull, maxRetained: amountOrNull }),
  },
  N2: {
    title: 'where and what',
    question: 'Where is the snapshot performed (guest OS, VM, appliance or storage) and what is captured?',
    value: object({
      where: oneOf('guest', 'machine', 'appliance', 'array'),
      kind: oneOf('full-copy', 'delta'),
      captures: list(oneOf('disk', 'memory', 'config'), 1),
      sameFailureDomain: yesNo,
    }),
  },
  N3: {
    title: 'application interface',
    question: 'What API or integration tools exist for application aware snapshots and synchronization?',
    value: list(oneOf('vss', 'fsfreeze', 'script', 'none'), 1),
  },
  N4: {
    title: 'before and after',
    question: 'Are there facilities for pre- and post-processing functions to wrap around snapshots?',
    value: object({ before: yesNo, after: yesNo, limitMs: amountOrNull, thawGuaranteed: yesNo }),
  },
  N5: {
    title: 'disks',
    question: 'Do the snapshots apply to virtual disks or physical disks?',
    value: diskKinds,
  },
  N6: {
    title: 'impact',
    question: 'What is the performance impact when snapshots are running?',
    value: object({ stunMs: amountOrNull, addedLatencyRatio: amountOrNull }),
  },
  N7: {
    title: 'backup and replication',
    question: 'How do the snapshots integrate with third party tools including backup or replication?',
    value: object({ exportable: yesNo, mountable: yesNo, changedBlocks: oneOf('tracked', 'compared', 'none') }),
  },
  N8: {
    title: 'cost',
    question: 'What are the licensing and maintenance costs for the snapshot software features?',
    value: cost,
  },
};
