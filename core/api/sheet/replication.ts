import type { Cost } from './answer.ts';
import { cost, type Question } from './common.ts';
import { list, object, oneOf, text, yesNo } from './shape.ts';

/** Values of the answers about replication (R1 to R8). A technique of the family `replication` gives them. */
export interface ReplicationAnswers {
  readonly R1: {
    readonly cost: Cost;
    readonly managedFrom: 'holdfast' | 'own-console' | 'both';
  };
  /** Applications that it knows, by name; empty for none. */
  readonly R2: readonly string[];
  readonly R3: readonly ('synchronous' | 'asynchronous')[];
  readonly R4: { readonly snapshots: boolean; readonly applicationAware: boolean };
  readonly R5: readonly ('one-to-one' | 'one-to-many' | 'many-to-one' | 'many-to-many')[];
  /** Between virtual and physical machines: `v2v`, `v2p`, `p2v`. */
  readonly R6: readonly ('v2v' | 'v2p' | 'p2v')[];
  readonly R7: { readonly compression: boolean; readonly dedupe: boolean; readonly bandwidthLimit: boolean };
  /** What travels: `chunks` stay deduplicated, `inflated` data does not. */
  readonly R8: 'chunks' | 'inflated';
}

export const replicationQuestions: { readonly [K in keyof ReplicationAnswers]: Question<ReplicationAnswers[K]> } = {
  R1: {
    title: 'management and cost',
    question: 'What are the management and cost implications including software licensing and maintenance?',
    value: object({ cost, managedFrom: oneOf('holdfast', 'own-console', 'both') }),
  },
  R2: {
    title: 'applications',
    question: 'What application integration and support exists (e.g. Sharepoint, Exchange, SQL, Oracle, etc)?',
    value: list(text),
  },
  R3: {
    title: 'transfer modes',
    question: 'What data transfer modes are supported (e.g. real-time synchronous, time delayed asynchronous)?',
    value: list(oneOf('synchronous', 'asynchronous'), 1),
  },
  R4: {
    title: 'with snapshots',
    question: 'How does the replication integrate with snapshots and application aware data protection?',
    value: object({ snapshots: yesNo, applicationAware: yesNo }),
  },
  R5: {
    title: 'topology',
    question: 'What topology options exist (i.e. one to many, many to one, many too many servers)?',
    value: list(oneOf('one-to-one', 'one-to-many', 'many-to-one', 'many-to-many'), 1),
  },
  R6: {
    title: 'virtual and physical',
    question:
      'What capabilities exist for virtual to virtual, virtual to physical and physical to virtual server modes?',
    value: list(oneOf('v2v', 'v2p', 'p2v'), 1),
  },
  R7: {
    title: 'reduction on the wire',
    question: 'What compression, data deduplication or bandwidth optimization are supported?',
    value: object({ compression: yesNo, dedupe: yesNo, bandwidthLimit: yesNo }),
  },
  R8: {
    title: 're-inflated to replicate',
    question: 'Does deduplicated data need to be “re-inflated” in order to be replicated?',
    value: oneOf('chunks', 'inflated'),
  },
};
