import { sql } from 'kysely';
import { type Builder, query } from './query.ts';

export const savePoint = query<{
  target: string;
  point: string;
  endpoint: string;
  machine: string;
  machineName: string;
  takenAt: number;
  committedAt: number;
  consistency: string;
  disks: string;
  sizeBytes: number;
  storedBytes: number;
}>()((db, p) =>
  db
    .insertInto('points')
    .values({
      target: p.target,
      point: p.point,
      endpoint: p.endpoint,
      machine: p.machine,
      machine_name: p.machineName,
      taken_at: p.takenAt,
      committed_at: p.committedAt,
      consistency: p.consistency,
      disks: p.disks,
      size_bytes: p.sizeBytes,
      stored_bytes: p.storedBytes,
    })
    .onConflict((conflict) =>
      conflict.columns(['target', 'point']).doUpdateSet((eb) => ({
        endpoint: eb.ref('excluded.endpoint'),
        machine: eb.ref('excluded.machine'),
        machine_name: eb.ref('excluded.machine_name'),
        taken_at: eb.ref('excluded.taken_at'),
        committed_at: eb.ref('excluded.committed_at'),
        consistency: eb.ref('excluded.consistency'),
        disks: eb.ref('excluded.disks'),
        size_bytes: eb.ref('excluded.size_bytes'),
        stored_bytes: eb.ref('excluded.stored_bytes'),
      })),
    ),
);

export const saveCopy = query<{ point: string; target: string; state: string; storedBytes: number; seenAt: number }>()(
  (db, p) =>
    db
      .insertInto('copies')
      .values({ point: p.point, target: p.target, state: p.state, stored_bytes: p.storedBytes, seen_at: p.seenAt })
      .onConflict((conflict) =>
        conflict.columns(['point', 'target']).doUpdateSet((eb) => ({
          state: eb.ref('excluded.state'),
          stored_bytes: eb.ref('excluded.stored_bytes'),
          seen_at: eb.ref('excluded.seen_at'),
        })),
      ),
);

/** Only points whose copy on their target is there. */
const present = (db: Builder) =>
  db
    .selectFrom('points')
    .innerJoin('copies', (join) =>
      join
        .onRef('copies.point', '=', 'points.point')
        .onRef('copies.target', '=', 'points.target')
        .on('copies.state', '=', 'present'),
    );

const newestFirst = (db: Builder) =>
  present(db).selectAll('points').orderBy('taken_at', 'desc').orderBy('points.point');

export const presentPoints = query<{ target: string | null; endpoint: string | null }>()((db, p) =>
  newestFirst(db)
    .where(sql<boolean>`(${p.target} is null or points.target = ${p.target})`)
    .where(sql<boolean>`(${p.endpoint} is null or endpoint = ${p.endpoint})`),
);

export const presentPointsOfMachine = query<{ machine: string; target: string | null; endpoint: string | null }>()(
  (db, p) =>
    newestFirst(db)
      .where('machine', '=', p.machine)
      .where(sql<boolean>`(${p.target} is null or points.target = ${p.target})`)
      .where(sql<boolean>`(${p.endpoint} is null or endpoint = ${p.endpoint})`),
);

export const missingPointsOfMachine = query<{ machine: string }>()((db, p) =>
  db
    .selectFrom('points')
    .innerJoin('copies', (join) =>
      join
        .onRef('copies.point', '=', 'points.point')
        .onRef('copies.target', '=', 'points.target')
        .on('copies.state', '=', 'missing'),
    )
    .selectAll('points')
    .where('machine', '=', p.machine)
    .orderBy('taken_at', 'desc')
    .orderBy('points.point'),
);

export const forgottenPointsOnTarget = query<{ target: string }>()((db, p) =>
  db
    .selectFrom('points')
    .innerJoin('copies', (join) =>
      join
        .onRef('copies.point', '=', 'points.point')
        .onRef('copies.target', '=', 'points.target')
        .on('copies.state', '=', 'forgotten'),
    )
    .selectAll('points')
    .where('points.target', '=', p.target)
    .orderBy('taken_at', 'desc')
    .orderBy('points.point'),
);

export const countPoints = query()((db) =>
  present(db)
    .select(['endpoint', 'machine'])
    .select(({ fn }) => [fn.countAll<number>().as('points'), fn.max<number>('taken_at').as('newest_at')])
    .groupBy(['machine', 'endpoint']),
);

export const sumPoints = query()((db) =>
  present(db)
    .select(['points.target as target', 'endpoint', 'machine'])
    .select(({ fn }) => [
      fn.countAll<number>().as('points'),
      fn.max<number>('taken_at').as('newest_at'),
      fn.sum<number>('points.stored_bytes').as('stored_bytes'),
    ])
    .groupBy(['machine', 'endpoint', 'points.target']),
);

export const copiesOfPoint = query<{ point: string }>()((db, p) =>
  db.selectFrom('copies').selectAll().where('point', '=', p.point).orderBy('target'),
);
