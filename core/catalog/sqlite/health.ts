import { isHoldfastError } from '@holdfast/api';
import type { Catalog } from '../contract.ts';
import type { AtOnce, Session } from './session.ts';

/** Faults that are told; one damaged page can make thousands. */
const toldFaults = 5;

/** Reads the whole catalog and says what is wrong with it. */
export function openHealth({ database }: Session): AtOnce<Pick<Catalog, 'check'>> {
  const faults = (): string[] => [
    ...database
      .pragma(`integrity_check(${toldFaults})`)
      .map((row) => String(row.integrity_check))
      .filter((finding) => finding !== 'ok'),
    ...database
      .pragma('foreign_key_check')
      .slice(0, toldFaults)
      .map((row) => `a row of ${String(row.table)} belongs to a row of ${String(row.parent)} that is not there`),
  ];
  return {
    check() {
      try {
        const found = faults();
        return {
          ok: found.length === 0,
          detail: found.length === 0 ? 'every page and every reference is sound' : found.join('; '),
          schema: database.pragmaNumber('user_version'),
          bytes: database.pragmaNumber('page_count') * database.pragmaNumber('page_size'),
        };
      } catch (thrown) {
        if (!isHoldfastError(thrown, 'CATALOG_DAMAGED')) throw thrown;
        return { ok: false, detail: thrown.message, schema: 0, bytes: 0 };
      }
    },
  };
}
