import type { Session } from './session.ts';

/** Copies the catalog on the thread that has it open: whoever calls next waits for it. */
export function openCopying({ database }: Session): { copyInto(copy: string): number } {
  return {
    copyInto(copy) {
      const schema = database.pragmaNumber('user_version');
      database.exec(`vacuum into '${copy.replaceAll("'", "''")}'`);
      return schema;
    },
  };
}
