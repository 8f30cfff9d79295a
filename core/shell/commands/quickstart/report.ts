import type { CommandResult } from '@holdfast/api';
import type { Site } from '../../contract.ts';
import { formatBytes, formatCount } from '../../format/numbers.ts';
import { formatDuration } from '../../format/times.ts';
import { detailView, plainData, stackView, stateCell, textCell, textView } from '../../view/build.ts';
import type { QuickstartFolder } from './folder.ts';
import type { Moved } from './read.ts';
import type { Compared, Prepared } from './stages.ts';

/** Everything that the tour measured. */
export interface Figures {
  readonly place: QuickstartFolder;
  readonly prepared: Prepared;
  readonly restoredAs: string;
  readonly first: Moved;
  readonly changedBytes: number;
  readonly second: Moved;
  readonly restoreMs: number;
  readonly compared: Compared;
  readonly checkedPoints: number;
  readonly storedBytes: number;
  readonly logicalBytes: number;
  readonly repository: string;
}

const transfer = ({ readBytes, newBytes, storedBytes, tookMs }: Moved): string =>
  `read ${formatBytes(readBytes)}, new ${formatBytes(newBytes)}, stored ${formatBytes(storedBytes)}, in ${formatDuration(tookMs)}`;

function sums({ prepared, first, changedBytes, second, restoredAs, restoreMs, compared, ...rest }: Figures) {
  const { machine, files, dataBytes, fileSystem } = prepared;
  const proof = compared.isEqual
    ? stateCell(
        `equal: every byte of ${formatBytes(compared.comparedBytes)} and all ${formatCount(compared.files)} files`,
        'good',
      )
    : stateCell('NOT equal', 'bad');
  const saved =
    rest.storedBytes > 0 ? ` (${(rest.logicalBytes / rest.storedBytes).toFixed(1)} × less than the data in them)` : '';
  return detailView('What happened', [
    [
      'machine',
      'Sample machine',
      textCell(`${machine}: ${formatCount(files)} real files, ${formatBytes(dataBytes)}, ${fileSystem}`),
    ],
    ['first', prepared.isReused ? 'Backup' : 'First backup', textCell(transfer(first))],
    ['changed', 'Then changed', textCell(formatBytes(changedBytes))],
    ['second', 'Second backup', textCell(transfer(second))],
    [
      'restored',
      'Restored as',
      textCell(`${restoredAs}, in ${formatDuration(restoreMs)}, every byte checked on the way`),
    ],
    ['compared', 'Original and restored', proof],
    [
      'repository',
      'Repository',
      stateCell(`whole: ${rest.checkedPoints} restore points in ${formatBytes(rest.storedBytes)}${saved}`, 'good'),
    ],
  ]);
}

/** The report that a newcomer reads, with the three commands to try next. */
export function report(figures: Figures, site: Site, tookMs: number): CommandResult {
  const { place, prepared, compared } = figures;
  const next = [
    `${site.invocation} machine list`,
    `${site.invocation} point list ${prepared.machine}`,
    `${site.invocation} run list`,
  ];
  const { isEqual } = compared;
  const words = [
    isEqual
      ? `It works: the machine came back exactly as it was, in ${formatDuration(tookMs)} for all of it.`
      : 'The restored machine differs from the original: this must not happen, please report it.',
    `Everything lies in ${place.folder}: the repository in backup/, the machines in machines/, the recovery words in recovery-words.txt.`,
    'Remove the folder when you are done, or run this again: it goes on from here; --fresh begins anew.',
  ];
  return {
    data: { ...(plainData(figures) as object), folder: place.folder, isEqual, durationMs: tookMs, next },
    view: stackView('', [
      sums(figures),
      textView('', words.join('\n')),
      textView('Try next', ['```', ...next, '```'].join('\n')),
    ]),
    ...(isEqual
      ? {}
      : {
          failure: {
            code: 'VERIFY_FAILED' as const,
            message: `${figures.restoredAs} is not equal to ${prepared.machine}`,
          },
        }),
  };
}
