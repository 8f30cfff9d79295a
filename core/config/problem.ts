import { HoldfastError } from '@holdfast/api';
import { bounds } from './bounds.ts';
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

/** `CONFIG_INVALID` with all the problems in its message, one a line; its facts are those of the first. */
export class ConfigInvalid extends HoldfastError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const [first] = problems;
    const lines = problems.slice(0, bounds.problems).map(describeProblem);
    const more = problems.length - lines.length;
    if (more > 0) lines.push(`and ${more} more`);
    const message =
      problems.length === 1
        ? `the configuration is not valid: ${lines[0]}`
        : `the configuration has ${problems.length} problems:\n  ${lines.join('\n  ')}`;
    super('CONFIG_INVALID', message, {
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
