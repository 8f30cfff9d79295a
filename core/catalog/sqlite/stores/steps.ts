import type { JobStore } from '../../contract.ts';
import { storeOptional, storePlain } from '../codec/plain.ts';
import { stepOf } from '../rows.ts';
import { type AtOnce, requireClaim, type Session } from '../session.ts';

/** How far each step of a run has got. */
export function openSteps(session: Session): AtOnce<Pick<JobStore, 'saveStep' | 'steps'>> {
  const { database } = session;
  return {
    saveStep(lease, step) {
      database.write(() => {
        database.run('saveStep', {
          run: requireClaim(session, lease),
          step: step.index,
          use: step.use,
          state: step.state,
          startedAt: step.startedAt,
          endedAt: step.endedAt,
          checkpoint: storePlain(step.checkpoint),
          output: storeOptional(step.output),
          error: storeOptional(step.error),
        });
      });
    },

    steps(run) {
      return database.all('stepsOfRun', { run }).map(stepOf);
    },
  };
}
