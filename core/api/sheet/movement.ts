import type { DiskKind } from './answer.ts';
import { diskKinds, type Question } from './common.ts';
import { amountOrNull, list, object, oneOf, text, yesNo } from './shape.ts';

/** Values of the answers about moving machines (M1 to M8). A hypervisor and a technique of the family `movement` give them. */
export interface MovementAnswers {
  /** How unlike two processors may be, and whether that is checked before a move begins. */
  readonly M1: { readonly across: 'same-model' | 'same-vendor' | 'any'; readonly checkedBefore: boolean };
  /** Ways to move; `conversion` makes a new machine of another kind. */
  readonly M2: readonly ('live' | 'suspended' | 'off' | 'conversion')[];
  /** How far; `maxRttMs` is the longest round trip between the hosts, in milliseconds, `null` for no limit of its own. */
  readonly M3: { readonly reach: readonly ('local' | 'wide-area')[]; readonly maxRttMs: number | null };
  /** What happens to change tracking when a machine moves, and whether its disks move along. */
  readonly M4: {
    readonly onMove: 'keeps-tracking' | 'resets-tracking' | 'does-not-track';
    readonly movesDisks: boolean;
  };
  /** What a move asks of the storage network. */
  readonly M5: readonly ('none' | 'rezone' | 'remap' | 'npiv')[];
  /** Moves at once; `null` for no limit of its own. */
  readonly M6: { readonly perHost: number | null; readonly perDatastore: number | null };
  readonly M7: readonly DiskKind[];
  /** Hardware, software or services of others that it needs; empty for none. */
  readonly M8: readonly string[];
}

export const movementQuestions: { readonly [K in keyof MovementAnswers]: Question<MovementAnswers[K]> } = {
  M1: {
    title: 'dissimilar processors',
    question: 'How does the VM mover support dissimilar hardware architectures (e.g. Intel and AMD)?',
    value: object({ across: oneOf('same-model', 'same-vendor', 'any'), checkedBefore: yesNo }),
  },
  M2: {
    title: 'ways to move',
    question: 'Is the feature a conversion tool (e.g. physical to virtual) or does it perform live movement of VMs?',
    value: list(oneOf('live', 'suspended', 'off', 'conversion'), 1),
  },
  M3: {
    title: 'distance',
    question: 'Can the migratory or movement tool work on both a local and wide area basis?',
    value: object({ reach: list(oneOf('local', 'wide-area'), 1), maxRttMs: amountOrNull }),
  },
  M4: {
    title: 'other data movers',
    question: 'How does the tool interact with other data protection tools to ensure data is moved with the VM?',
    value: object({ onMove: oneOf('keeps-tracking', 'resets-tracking', 'does-not-track'), movesDisks: yesNo }),
  },
  M5: {
    title: 'storage network',
    question: 'What are the ramifications of moving a VM and changes to Fibre Channel zoning and addressing?',
    value: list(oneOf('none', 'rezone', 'remap', 'npiv'), 1),
  },
  M6: {
    title: 'moves at once',
    question: 'How many concurrent moves or migrations can take place at the same time?',
    value: object({ perHost: amountOrNull, perDatastore: amountOrNull }),
  },
  M7: {
    title: 'disks moved',
    question: 'Is the movement limited to virtual file system based VMs or does it include raw devices?',
    value: diskKinds,
  },
  M8: {
    title: 'needs of others',
    question: 'What 3rd party data movers via hardware, software or network services are available or required?',
    value: list(text),
  },
};
