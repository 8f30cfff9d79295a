import { query } from './query.ts';

export const leaseByToken = query<{ token: number }>()((db, p) =>
  db.selectFrom('leases').selectAll().where('token', '=', p.token),
);

export const insertLease = query<{
  kind: string;
  name: string;
  holder: string;
  expiresAt: number;
  run: string | null;
}>()((db, p) =>
  db
    .insertInto('leases')
    .values({ kind: p.kind, name: p.name, holder: p.holder, expires_at: p.expiresAt, run: p.run })
    .returningAll(),
);

export const renewLease = query<{ token: number; expiresAt: number }>()((db, p) =>
  db.updateTable('leases').set({ expires_at: p.expiresAt }).where('token', '=', p.token).returningAll(),
);

export const dropLease = query<{ token: number }>()((db, p) => db.deleteFrom('leases').where('token', '=', p.token));

export const dropExpired = query<{ kind: string; name: string; now: number }>()((db, p) =>
  db.deleteFrom('leases').where('kind', '=', p.kind).where('name', '=', p.name).where('expires_at', '<=', p.now),
);

/** Leases that end later than any can: those of a time when the clock was ahead. */
export const leasesBeyond = query<{ kind: string; until: number }>()((db, p) =>
  db
    .selectFrom('leases')
    .select((eb) => eb.fn.countAll<number>().as('beyond'))
    .where('kind', '=', p.kind)
    .where('expires_at', '>', p.until),
);

export const cutLeases = query<{ kind: string; until: number }>()((db, p) =>
  db.updateTable('leases').set({ expires_at: p.until }).where('kind', '=', p.kind).where('expires_at', '>', p.until),
);

export const countHeld = query<{ kind: string; name: string }>()((db, p) =>
  db
    .selectFrom('leases')
    .select((eb) => eb.fn.countAll<number>().as('held'))
    .where('kind', '=', p.kind)
    .where('name', '=', p.name),
);

export const heldSlots = query<{ now: number }>()((db, p) =>
  db
    .selectFrom('leases')
    .selectAll()
    .where('kind', '=', 'slot')
    .where('expires_at', '>', p.now)
    .orderBy('name')
    .orderBy('token'),
);

/** Who holds a lease now; a run's before a thing's. */
export const holderByName = query<{ name: string; now: number }>()((db, p) =>
  db
    .selectFrom('leases')
    .selectAll()
    .where('kind', 'in', ['run', 'thing'])
    .where('name', '=', p.name)
    .where('expires_at', '>', p.now)
    .orderBy('kind')
    .limit(1),
);
