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

/** `CONFIG_INVALID` with the first few problems in its message and all of them beside it; its facts are those of the first. */
export class ConfigInvalid extends HoldfastError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const [first] = problems;
    const told = problems.slice(0, inMessage).map(describeProblem);
    const more = problems.length - told.length;
    if (more > 0) told.push(`and ${more} more`);
    const message =
      problems.length === 1
        ? `the configuration is not valid: ${told.join('')}`
        : `the configuration has ${problems.length} problems: ${told.join('; ')}`;
    super('CONFIG_INVALID', message, {
      ...(more > 0 ? { remedy: 'correct the places that are named; `holdfast config validate` lists them all' } : {}),
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
