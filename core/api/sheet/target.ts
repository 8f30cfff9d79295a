import type { Cost } from './answer.ts';
import { cost, type Question } from './common.ts';
import { list, object, oneOf, yesNo } from './shape.ts';

/**
 * Attributes of a target. The paper asks no list of questions about targets; these are the properties that its text and
 * the advisor go by, so that a mirror is never taken for a second copy.
 */
export interface TargetAnswers {
  /** What the target does against the loss of one of its own parts. */
  readonly redundancy: 'none' | 'mirror' | 'parity' | 'erasure-code' | 'provider' | 'as-configured';
  /** As what it shows itself. */
  readonly presents: 'folder' | 'nas' | 'object' | 'sftp' | 'vtl' | 'tape' | 'memory';
  /** Whether it can be lost together with the machines that it protects. */
  readonly sameFailureDomain: 'always' | 'never' | 'as-configured';
  /** How it keeps an administrator's hands off a locked object. */
  readonly immutability: 'none' | 'governance' | 'compliance' | 'medium';
  /** When data can be deduplicated on it. */
  readonly dedupe: readonly ('immediate' | 'deferred' | 'off')[];
  /** Whether any part can be read at once, as a repository needs. */
  readonly randomAccess: boolean;
  /** Whether data can lie where no network reaches it. */
  readonly offline: boolean;
  /** Whether what it has acknowledged is still there after a power cut. */
  readonly durable: boolean;
  /** Kinds of medium, for counting copies on different media. */
  readonly medium: 'disk' | 'tape' | 'cloud' | 'memory' | 'as-configured';
  /** Tier 0 is flash, 1 fast disks, 2 large disks, 3 tape. */
  readonly tier: 'tier0' | 'tier1' | 'tier2' | 'tier3' | 'as-configured';
  /** What is encrypted besides the repository's own encryption. */
  readonly encryption: { readonly inFlight: boolean; readonly atRest: boolean };
  readonly cost: Cost;
}

export const targetQuestions: { readonly [K in keyof TargetAnswers]: Question<TargetAnswers[K]> } = {
  redundancy: {
    title: 'redundancy',
    question: 'What does the target do against the loss of one of its own parts?',
    value: oneOf('none', 'mirror', 'parity', 'erasure-code', 'provider', 'as-configured'),
  },
  presents: {
    title: 'presents itself as',
    question: 'As what does the target present itself?',
    value: oneOf('folder', 'nas', 'object', 'sftp', 'vtl', 'tape', 'memory'),
  },
  sameFailureDomain: {
    title: 'same failure domain',
    question: 'Can the target be lost together with the machines that it protects?',
    value: oneOf('always', 'never', 'as-configured'),
  },
  immutability: {
    title: 'immutability',
    question: 'How does the target keep an administrator from changing or deleting what is locked?',
    value: oneOf('none', 'governance', 'compliance', 'medium'),
  },
  dedupe: {
    title: 'deduplication',
    question: 'When can data be deduplicated on the target: immediately, deferred, or not at all?',
    value: list(oneOf('immediate', 'deferred', 'off'), 1),
  },
  randomAccess: {
    title: 'random access',
    question: 'Can any part of what is stored be read at once?',
    value: yesNo,
  },
  offline: {
    title: 'offline',
    question: 'Can what is stored lie where no network reaches it?',
    value: yesNo,
  },
  durable: {
    title: 'durable',
    question: 'Is what the target has acknowledged still there after a power cut?',
    value: yesNo,
  },
  medium: {
    title: 'medium',
    question: 'On what kind of medium is data stored?',
    value: oneOf('disk', 'tape', 'cloud', 'memory', 'as-configured'),
  },
  tier: {
    title: 'tier',
    question: 'To which storage tier does the target belong: flash, fast disks, capacity disks, tape?',
    value: oneOf('tier0', 'tier1', 'tier2', 'tier3', 'as-configured'),
  },
  encryption: {
    title: 'own encryption',
    question: 'What does the target encrypt besides the encryption of the repository?',
    value: object({ inFlight: yesNo, atRest: yesNo }),
  },
  cost: {
    title: 'cost',
    question: 'What are the licensing and maintenance costs of the target?',
    value: cost,
  },
};
