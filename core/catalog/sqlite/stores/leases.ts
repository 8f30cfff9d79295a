import type { LeaseStore } from '../../contract.ts';
import { leaseOf } from '../rows.ts';
import { type AtOnce, cutLeases, requireLease, type Session } from '../session.ts';

/** Leases on things, and slots. One table hands out the tokens of all, so that a token is never given twice. */
export function openLeases(session: Session): AtOnce<LeaseStore> {
  const { database } = session;

  /** Holds one more of a name, unless `capacity` are held; those that have expired make way only when they must. */
  const hold = (kind: 'thing' | 'slot', name: string, capacity: number, holder: string, ttlMs: number) =>
    database.write(() => {
      const now = session.now();
      cutLeases(session, kind);
      const isFull = () => (database.one('countHeld', { kind, name })?.held ?? 0) >= capacity;
      if (isFull() && (database.run('dropExpired', { kind, name, now }) === 0 || isFull())) return null;
      const row = database.one('insertLease', { kind, name, holder, expiresAt: now + ttlMs, run: null });
      return row === undefined ? null : leaseOf(row, session.epoch);
    });

  return {
    take: (name, holder, ttlMs) => hold('thing', name, 1, holder, ttlMs),
    takeSlot: (name, capacity, holder, ttlMs) => hold('slot', name, capacity, holder, ttlMs),

    renew(lease, ttlMs) {
      return database.write(() => {
        requireLease(session, lease);
        const expiresAt = session.now() + ttlMs;
        database.run('renewLease', { token: lease.token, expiresAt });
        return { ...lease, expiresAt };
      });
    },

    release(lease) {
      if (lease.epoch === session.epoch) database.run('dropLease', { token: lease.token });
    },

    peek(name) {
      const row = database.one('holderByName', { name, now: session.now() });
      return row === undefined ? null : leaseOf(row, session.epoch);
    },

    slots() {
      return database.all('heldSlots', { now: session.now() }).map((row) => leaseOf(row, session.epoch));
    },
  };
}
