import type { Catalog } from '../../contract.ts';
import { readOptional, storePlain } from '../codec/plain.ts';
import { copyOf, machineOf, pointOf } from '../rows.ts';
import type { AtOnce, Session } from '../session.ts';

type Inventory = Pick<
  Catalog,
  | 'seenMachines'
  | 'machines'
  | 'savePoints'
  | 'points'
  | 'pointCounts'
  | 'missingPoints'
  | 'forgottenPoints'
  | 'pointSums'
  | 'runDays'
  | 'machineNames'
  | 'setCopy'
  | 'copies'
>;

const dayMs = 86_400_000;

/** Machines as they were last seen, restore points as repositories told of them, and where each is. */
export function openInventory(session: Session): AtOnce<Inventory> {
  const { database } = session;
  return {
    seenMachines(endpoint, machines) {
      database.write(() => {
        const now = session.now();
        const missing = new Set(database.all('presentMachines', { endpoint }).map(({ id }) => id));
        for (const machine of machines) {
          missing.delete(machine.id);
          const { id, name } = machine;
          database.run('saveMachine', { endpoint, id, name, machine: storePlain(machine), now });
        }
        for (const id of missing) database.run('markGone', { endpoint, id, now });
      });
    },

    machines({ endpoint, gone }) {
      const rows = database.all('knownMachines', {
        endpoint: endpoint ?? null,
        gone: gone === undefined ? null : Number(gone),
      });
      return rows.map(machineOf);
    },

    savePoints(points) {
      database.write(() => {
        const seenAt = session.now();
        for (const { target, point, endpoint, machine, machineName, storedBytes, ...rest } of points) {
          const { takenAt, committedAt, consistency, sizeBytes } = rest;
          const disks = storePlain(rest.disks);
          const what = { target, point, endpoint, machine, machineName };
          database.run('savePoint', { ...what, takenAt, committedAt, consistency, disks, sizeBytes, storedBytes });
          database.run('saveCopy', { point, target, state: 'present', storedBytes, seenAt });
        }
      });
    },

    points({ target, endpoint, machine }) {
      const where = { target: target ?? null, endpoint: endpoint ?? null };
      const rows =
        machine === undefined
          ? database.all('presentPoints', where)
          : database.all('presentPointsOfMachine', { ...where, machine });
      return rows.map(pointOf);
    },

    pointCounts() {
      return database
        .all('countPoints', {})
        .map(({ endpoint, machine, points, newest_at }) => ({ endpoint, machine, points, newestAt: newest_at }));
    },

    missingPoints(machine) {
      return database.all('missingPointsOfMachine', { machine }).map(pointOf);
    },

    forgottenPoints(target) {
      return database.all('forgottenPointsOnTarget', { target }).map(pointOf);
    },

    pointSums() {
      return database
        .all('sumPoints', {})
        .map(({ newest_at, stored_bytes, ...rest }) => ({ ...rest, newestAt: newest_at, storedBytes: stored_bytes }));
    },

    runDays(since) {
      return database
        .all('countRunDays', { since })
        .map(({ day, done, failed }) => ({ day: day * dayMs, done, failed }));
    },

    machineNames() {
      return database.all('machineNames', {}).map(({ endpoint, id, name, problem, gone_at }) => ({
        endpoint,
        machine: id,
        name,
        problem: readOptional<string>(problem) ?? null,
        goneAt: gone_at,
      }));
    },

    setCopy({ point, target, state, storedBytes, seenAt }) {
      database.run('saveCopy', { point, target, state, storedBytes, seenAt });
    },

    copies(point) {
      return database.all('copiesOfPoint', { point }).map(copyOf);
    },
  };
}
