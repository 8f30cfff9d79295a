import type { Binding } from './binding.ts';
import { overlapOf } from './overlap.ts';

/** A binding that does not get its key, wholly or at times. */
export interface Loser {
  readonly binding: Binding;
  readonly why: string;
  /** It never runs, because the winner's condition holds whenever its own does. */
  readonly isAlways: boolean;
}

/** One key that several want. */
export interface Conflict {
  /** The winner's keys: `g`, `ctrl+k ctrl+s`. */
  readonly key: string;
  readonly winner: Binding;
  readonly losers: readonly Loser[];
}

/** Pairs that are looked at for one key, so that a plugin with thousands of bindings costs no more than a moment. */
const mostPairs = 2000;

/** @param groups Bindings that begin with the same key, best first. */
export function findConflicts(groups: readonly (readonly Binding[])[]): readonly Conflict[] {
  const found = new Map<Binding, Loser[]>();
  for (const group of groups) {
    let pairs = 0;
    for (const [index, binding] of group.entries()) {
      for (let better = 0; better < index && pairs < mostPairs; better++) {
        const winner = group[better];
        if (winner === undefined || !meet(winner, binding)) continue;
        pairs += 1;
        const { canBoth, isCovered } = overlapOf(winner.when, binding.when);
        if (!canBoth) continue;
        const losers = found.get(winner) ?? [];
        const isAlways = isCovered && !isFreed(group.slice(0, better), winner, binding);
        losers.push({ binding, why: reason(winner, binding), isAlways });
        found.set(winner, losers);
        break;
      }
    }
  }
  return [...found].map(([winner, losers]) => ({ key: winner.keys.join(' '), winner, losers }));
}

/** Whether one of them keeps the other from being reached. Two that do the same thing don't. */
function meet(winner: Binding, binding: Binding): boolean {
  if (winner.keys.length !== binding.keys.length) return true;
  if (winner.keys.join(' ') !== binding.keys.join(' ')) return false;
  return winner.command !== binding.command || JSON.stringify(winner.args) !== JSON.stringify(binding.args);
}

/** Two in a row that wait for their second key free all others that begin alike from what acts at once. */
const isFreed = (best: readonly Binding[], winner: Binding, binding: Binding): boolean =>
  winner.keys.length === 1 && binding.keys.length === 2 && best.some(({ keys }) => keys.length === 2);

function reason(winner: Binding, binding: Binding): string {
  const first = winner.keys[0] ?? '';
  const shape =
    winner.keys.length === binding.keys.length
      ? ''
      : winner.keys.length === 2
        ? `${first} waits for a second key; `
        : `${first} acts at once, so nothing can follow it; `;
  if (winner.layer !== binding.layer) {
    return `${shape}${winner.layer === 'own' ? 'your own keys go first' : 'keys of plugins go before built-in ones'}`;
  }
  if (winner.layer === 'own') return `${shape}${winner.owner} comes later in your file`;
  return `${shape}${winner.owner} claimed it first`;
}
