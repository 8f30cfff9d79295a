import type { MoveResult, Plain } from '@holdfast/api';
import type { RunFigures } from '../contract.ts';
import type { MovedDisk } from './mover.ts';
import type { WorkflowOutcome } from './workflow.ts';

/** The figures of a run as its record keeps them; see `RunFigures`. */
export function figuresOf(outcome: WorkflowOutcome, moved: readonly MovedDisk[], expired: readonly string[]): Plain {
  const point = outcome.artifacts['restore-point'];
  const machine = outcome.artifacts.machine?.machine.id;
  const { snapshot } = outcome.artifacts;
  const disks: Record<string, MoveResult> = {};
  for (const { disk, result } of moved) disks[disk] = result;
  const figures: RunFigures = {
    ...(point === undefined || outcome.problem !== null ? {} : { point }),
    ...(snapshot === undefined ? {} : { snapshot: { consistency: snapshot.consistency, frozenMs: snapshot.frozenMs } }),
    ...(machine === undefined || outcome.problem !== null ? {} : { machine }),
    disks,
    expired,
    moves: moved.map(({ disk, from, to, result: { readBytes, durationMs } }) => ({
      disk,
      from,
      to,
      readBytes,
      durationMs,
    })),
    failedAttempts: outcome.failedAttempts,
    cleaned: outcome.cleaned,
  };
  // What is absent stays absent in JSON.
  return JSON.parse(JSON.stringify(figures));
}

/** Reads the moves of an earlier run back; what is not as expected is left out. */
export function movesOf(result: Plain): readonly { from: string; to: string; readBytes: number; durationMs: number }[] {
  if (typeof result !== 'object' || result === null || !('moves' in result) || !Array.isArray(result.moves)) return [];
  const moves: { from: string; to: string; readBytes: number; durationMs: number }[] = [];
  for (const move of result.moves as readonly unknown[]) {
    if (typeof move !== 'object' || move === null) continue;
    const { from, to, readBytes, durationMs } = Object.fromEntries(Object.entries(move));
    if (typeof from !== 'string' || typeof to !== 'string') continue;
    if (typeof readBytes !== 'number' || typeof durationMs !== 'number') continue;
    moves.push({ from, to, readBytes, durationMs });
  }
  return moves;
}
