import type { CommandResult } from '@holdfast/api';
import { bytesCell, plainData, tableView, textCell, timeCell } from './build.ts';

/** A recorded session, as it is listed. */
interface Listed {
  readonly id: string;
  readonly who: string;
  readonly from: string;
  readonly startedAt: number;
  readonly sizeBytes: number;
}

export function recordingsAnswer(all: readonly Listed[]): CommandResult {
  const rows = all.map(({ id, who, from, startedAt, sizeBytes }) => ({
    id,
    cells: {
      id: textCell(id),
      who: textCell(who),
      from: textCell(from),
      started: timeCell(startedAt),
      size: bytesCell(sizeBytes),
    },
  }));
  return {
    data: { recordings: plainData(all) },
    view: tableView(
      'Recordings',
      [
        { key: 'id', title: 'recording', priority: 0 },
        { key: 'who', title: 'who', priority: 0 },
        { key: 'from', title: 'from' },
        { key: 'started', title: 'started' },
        { key: 'size', title: 'size', align: 'right' },
      ],
      rows,
      'none: sessions are recorded where the configuration says `server: { record: true }`',
    ),
  };
}
