import type { Cell, Plain } from '@holdfast/api';
import type { AuditEntry } from '../../audit/contract.ts';
import { stateCell, textCell } from '../../view/build.ts';

/** Kinds that somebody who looks through a log looks for. */
const loud = new Set(['denied', 'login.refused', 'break-glass', 'torn', 'session.observed']);

export function whatCell({ what, facts }: AuditEntry): Cell {
  if (loud.has(what)) return stateCell(what, what === 'break-glass' || what === 'torn' ? 'bad' : 'risk');
  if (what === 'command.end') return stateCell(what, facts.outcome === 'done' ? 'good' : 'risk');
  return stateCell(what, what === 'command.begin' ? 'active' : 'quiet');
}

const textOf = (value: Plain): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

/** The facts of an entry in a line: what is told elsewhere, and what only ties entries together, is left out. */
export function factsCell({ facts }: AuditEntry): Cell {
  const told = Object.entries(facts).filter(([key]) => !['command', 'work', 'danger'].includes(key));
  const words = told.map(([key, value]) => `${key} ${textOf(value)}`);
  return textCell(words.join(' · '));
}

export const commandCell = ({ facts }: AuditEntry): Cell =>
  textCell(typeof facts.command === 'string' ? facts.command.replaceAll('.', ' ') : '–');

export const factText = textOf;
