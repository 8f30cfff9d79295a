import type { ConfigProblem } from '../contract.ts';
import { WithProblems } from '../problem.ts';

/** `POLICY_INVALID`. */
export class PolicyInvalid extends WithProblems {
  constructor(problems: readonly ConfigProblem[]) {
    const whole = {
      isNotValid: 'the policies are not valid',
      has: 'the policies have',
      remedy: 'correct the places that are named; `holdfast plan` lists them all',
    };
    super('POLICY_INVALID', whole, problems);
  }
}
