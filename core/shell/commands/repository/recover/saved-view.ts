import type { CommandResult } from '@holdfast/api';
import type { SavedCatalog } from '../../../../repository/catalogs/contract.ts';
import { shortId } from '../../../lookup/names.ts';
import { bytesCell, countCell, plainData, tableView, textCell, timeCell } from '../../../view/build.ts';

/** The copies of catalogs that a repository holds, for `--list`. */
export function savedAnswer(place: string, saved: readonly SavedCatalog[]): CommandResult {
  return {
    data: { catalogs: plainData(saved) },
    view: tableView(
      `Catalogs saved on ${place}`,
      [
        { key: 'id', title: 'catalog', priority: 0 },
        { key: 'saved', title: 'saved', priority: 0 },
        { key: 'size', title: 'size' },
        { key: 'site', title: 'installation' },
        { key: 'host', title: 'of host' },
        { key: 'target', title: 'its name for the target' },
        { key: 'schema', title: 'schema' },
      ],
      saved.map(({ object, savedAt, sizeBytes, site, host, target, schema }) => ({
        id: object,
        cells: {
          id: textCell(shortId(object.slice(object.lastIndexOf('/') + 1))),
          saved: timeCell(savedAt),
          size: bytesCell(sizeBytes),
          site: textCell(shortId(site)),
          host: textCell(host),
          target: textCell(target),
          schema: countCell(schema),
        },
      })),
      'none: the restore points alone can be recovered, with `--from-points`',
    ),
  };
}
