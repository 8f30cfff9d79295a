import { HoldfastError } from '@holdfast/api';
import type { ConfigProblem } from './contract.ts';
import type { Spot } from './located.ts';
import { visible } from './visible.ts';

/** Makes a problem at a place. `path` are the keys from the top. */
export function problemAt(spot: Spot, path: readonly string[], message: string, nearest?: string): ConfigProblem {
  return {
    file: spot.place,
    line: spot.line,
    column: spot.column,
    key: path.map((part) => visible(part)).join('.'),
    message,
    ...(nearest === undefined ? {} : { nearest }),
  };
}

/** One line: `FILE:LINE:COLUMN: KEY: MESSAGE`. */
export function describeProblem(problem: ConfigProblem): string {
  const place = problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
  return problem.key === '' ? `${place}: ${problem.message}` : `${place}: ${problem.key}: ${problem.message}`;
}

/** Problems that fit into the one line of a message. */
const inMessage = 4;

/** Something with problems at places: the first few in its message and all of them beside it; its facts are those of the first. */
export abstract class WithProblems extends HoldfastError {
  readonly problems: readonly ConfigProblem[];

  /** @param whole What has them, in the singular and as it begins a sentence about several; `remedy` is said when not all fit. */
  constructor(
    code: 'CONFIG_INVALID' | 'POLICY_INVALID',
    whole: { readonly isNotValid: string; readonly has: string; readonly remedy: string },
    problems: readonly ConfigProblem[],
  ) {
    const [first] = problems;
    const told = problems.slice(0, inMessage).map(describeProblem);
    const more = problems.length - told.length;
    if (more > 0) told.push(`and ${more} more`);
    const message =
      problems.length === 1
        ? `${whole.isNotValid}: ${told.join('')}`
        : `${whole.has} ${problems.length} problems: ${told.join('; ')}`;
    super(code, message, {
      ...(more > 0 ? { remedy: whole.remedy } : {}),
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

/** `CONFIG_INVALID`. */
export class ConfigInvalid extends WithProblems {
  constructor(problems: readonly ConfigProblem[]) {
    const whole = {
      isNotValid: 'the configuration is not valid',
      has: 'the configuration has',
      remedy: 'correct the places that are named; `holdfast config validate` lists them all',
    };
    super('CONFIG_INVALID', whole, problems);
  }
}
