import { randomBytes } from 'node:crypto';
import { HoldfastError } from '@holdfast/api';
import type { JobStore, Lease } from '../../contract.ts';
import { storePlain } from '../codec/plain.ts';
import { intentOf } from '../rows.ts';
import { type AtOnce, requireClaim, type Session } from '../session.ts';

/** What was announced before it was made in the world. */
export function openIntents(
  session: Session,
): AtOnce<Pick<JobStore, 'intend' | 'amendIntent' | 'settleIntent' | 'openIntents'>> {
  const { database } = session;

  /** An intent of the run that this lease is for. */
  const requireIntent = (lease: Lease, id: string) => {
    const run = requireClaim(session, lease);
    const intent = database.one('intentById', { id });
    if (intent === undefined) throw new Error(`no intent has the identity ${id}`);
    if (run !== intent.run)
      throw new HoldfastError('FENCED', `${lease.name} may not touch what run ${intent.run} announced`);
    return intent;
  };

  return {
    intend(lease, intent) {
      const id = randomBytes(16).toString('hex');
      return database.write(() => {
        const run = requireClaim(session, lease);
        const { step, use, kind } = intent;
        const now = session.now();
        database.run('insertIntent', { id, run, step, use, kind, state: storePlain(intent.state), now });
        return { id, run, step, use, kind, state: intent.state, createdAt: now };
      });
    },

    amendIntent(lease, id, state) {
      database.write(() => {
        if (requireIntent(lease, id).settled_at !== null) throw new Error(`intent ${id} is settled already`);
        database.run('amendIntent', { id, state: storePlain(state) });
      });
    },

    settleIntent(lease, id) {
      database.write(() => {
        requireIntent(lease, id);
        database.run('settleIntent', { id, now: session.now() });
      });
    },

    openIntents(run) {
      return database.all('openIntents', { run: run ?? null }).map(intentOf);
    },
  };
}
