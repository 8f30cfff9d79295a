import { HoldfastError } from '@holdfast/api';
import type { Raw } from './raw-policy.ts';

export function withTemplate(_raw: Raw, template: string, _target: string | null): Raw {
  throw new HoldfastError('USAGE', `there is no template ${template}`);
}
