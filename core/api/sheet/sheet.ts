import type { JsonSchema } from '../view.ts';
import { type AgentAnswers, agentQuestions } from './agent.ts';
import type { Answer } from './answer.ts';
import { checkShape, type ShapeProblem } from './check.ts';
import type { Question } from './common.ts';
import { type MovementAnswers, movementQuestions } from './movement.ts';
import { type ProxyAnswers, proxyQuestions } from './proxy.ts';
import { type ReplicationAnswers, replicationQuestions } from './replication.ts';
import { type SnapshotAnswers, snapshotQuestions } from './snapshot.ts';
import { type TargetAnswers, targetQuestions } from './target.ts';

/** Values of the answers, by family of questions. */
export interface SheetValues {
  readonly movement: MovementAnswers;
  readonly snapshot: SnapshotAnswers;
  readonly agent: AgentAnswers;
  readonly proxy: ProxyAnswers;
  readonly replication: ReplicationAnswers;
  readonly target: TargetAnswers;
}

/** A family of questions: M, N, G, P and R of the paper, and the attributes of targets. */
export type SheetFamily = keyof SheetValues;

/** A whole sheet of one family: every question answered. */
export type Sheet<F extends SheetFamily> = { readonly [K in keyof SheetValues[F]]: Answer<SheetValues[F][K]> };

type UnionToIntersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void
  ? I
  : never;

/** The sheet of a hypervisor: how its machines move, how its snapshots are. */
export type HypervisorSheet = Sheet<'movement'> & Sheet<'snapshot'>;
/** The sheet of a target. */
export type TargetSheet = Sheet<'target'>;
/** The sheet of a technique that answers for the families `F`. */
export type TechniqueSheet<F extends Exclude<SheetFamily, 'target'>> = UnionToIntersection<
  F extends unknown ? Sheet<F> : never
>;

/** All questions, by family and then by id. */
export const questions: { readonly [F in SheetFamily]: Readonly<Record<string, Question>> } = {
  movement: movementQuestions as Readonly<Record<string, Question>>,
  snapshot: snapshotQuestions as Readonly<Record<string, Question>>,
  agent: agentQuestions as Readonly<Record<string, Question>>,
  proxy: proxyQuestions as Readonly<Record<string, Question>>,
  replication: replicationQuestions as Readonly<Record<string, Question>>,
  target: targetQuestions as Readonly<Record<string, Question>>,
};

/** Families that a contribution answers for. A technique names its own in the manifest. */
export const familiesOf: {
  readonly hypervisor: readonly SheetFamily[];
  readonly target: readonly SheetFamily[];
} = { hypervisor: ['movement', 'snapshot'], target: ['target'] };

/** The questions of some families, in the paper's order. */
export function questionsOf(families: readonly SheetFamily[]): readonly (Question & { readonly id: string })[] {
  return families.flatMap((family) => Object.entries(questions[family]).map(([id, question]) => ({ id, ...question })));
}

/** JSON schema of an answer with a value of this schema. */
function answerSchema(value: JsonSchema): JsonSchema {
  const note = { type: 'string', maxLength: 1000 };
  return {
    anyOf: [
      {
        type: 'object',
        properties: { value, evidence: { type: 'string', enum: ['declared', 'probed', 'measured'] }, note },
        required: ['value', 'evidence'],
        additionalProperties: false,
      },
      {
        type: 'object',
        properties: { notApplicable: { type: 'string', minLength: 1, maxLength: 1000 } },
        required: ['notApplicable'],
        additionalProperties: false,
      },
    ],
  };
}

/** JSON schema (draft 2020-12) of a whole sheet, for editors. */
export function sheetSchema(families: readonly SheetFamily[]): JsonSchema {
  const asked = questionsOf(families);
  const properties = Object.fromEntries(
    asked.map((q) => [q.id, { title: q.title, description: q.question, ...answerSchema(q.value) }]),
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { $schema: { type: 'string' }, ...properties },
    required: asked.map((q) => q.id),
    additionalProperties: false,
  };
}

/**
 * Everything wrong with a sheet, each gap by the id of its question. Empty means that every question is answered, in
 * the right shape, and none that was not asked.
 */
export function checkSheet(families: readonly SheetFamily[], sheet: unknown): readonly ShapeProblem[] {
  if (typeof sheet !== 'object' || sheet === null || Array.isArray(sheet)) {
    return [{ path: '', message: 'is not an object of answers' }];
  }
  const given = new Map<string, unknown>(Object.entries(sheet));
  const asked = questionsOf(families);
  const problems: ShapeProblem[] = [];
  for (const { id, question, value } of asked) {
    if (!given.has(id)) problems.push({ path: `/${id}`, message: `is not answered: ${question}` });
    else problems.push(...checkAnswer(id, value, given.get(id)));
  }
  const known = new Set([...asked.map((q) => q.id), '$schema']);
  for (const id of given.keys()) {
    if (!known.has(id)) problems.push({ path: `/${id}`, message: 'is not a question that this contribution is asked' });
  }
  return problems;
}

function checkAnswer(id: string, value: JsonSchema, answer: unknown): readonly ShapeProblem[] {
  const schema = answerSchema(value);
  const [given, notApplicable] = schema.anyOf as readonly [JsonSchema, JsonSchema];
  const chosen = typeof answer === 'object' && answer !== null && 'notApplicable' in answer ? notApplicable : given;
  return checkShape(chosen, answer, `/${id}`);
}
