import { HoldfastError } from '@holdfast/api';
import type { ConfigProblem } from '../contract.ts';
import { describeProblem } from '../problem.ts';

/** Problems that fit into the one line of a message. */
const inMessage = 4;

/** `POLICY_INVALID` with the first few problems in its message and all of them beside it; its facts are those of the first. */
export class PolicyInvalid extends HoldfastError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const [first] = problems;
    const told = problems.slice(0, inMessage).map((problem) => describeProblem(problem));
    const more = problems.length - told.length;
    if (more > 0) told.push(`and ${more} more`);
    const message =
      problems.length === 1
        ? `the policies are not valid: ${told.join('')}`
        : `the policies have ${problems.length} problems: ${told.join('; ')}`;
    super('POLICY_INVALID', message, {
      ...(more > 0 ? { remedy: 'correct the places that are named; `holdfast plan` lists them all' } : {}),
      facts: {
        problems: problems.length,
        ...(first === undefined
          ? {}
          : {
              file: first.file,
              line: first.line,
              column: first.column,
              key: first.key,
              nearest: first.nearest ?? null,
            }),
      },
    });
    this.problems = problems;
  }
}
