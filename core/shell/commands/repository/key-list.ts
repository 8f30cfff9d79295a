import type { KeyInfo } from '../../../repository/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import { shortId } from '../../lookup/names.ts';
import { chooseTarget } from '../../lookup/targets.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { plainData, tableView, textCell, timeCell } from '../../view/build.ts';

/** A rotation that could not remove the older key of a secret leaves both. */
const isOlder = (key: KeyInfo, all: readonly KeyInfo[]): boolean =>
  all.some(({ kind, label, generation }) => kind === key.kind && label === key.label && generation > key.generation);

export const run: ShellHandler = async (site, args, call) => {
  const target = await chooseTarget(site, textOrNull(args, 'target'), 'TARGET');
  const keys = await (await site.repository(target, call)).keys(call);
  return {
    data: { target, keys: plainData(keys) },
    view: tableView(
      `Keys of the repository on ${target}`,
      [
        { key: 'id', title: 'key', priority: 0 },
        { key: 'kind', title: 'kind', priority: 0 },
        { key: 'label', title: 'label' },
        { key: 'created', title: 'made' },
        { key: 'generation', title: 'data keys', align: 'right' },
      ],
      keys.map((key) => ({
        id: key.id,
        cells: {
          id: textCell(shortId(key.id)),
          kind: textCell(key.kind),
          label: textCell(key.label),
          created: timeCell(key.createdAt),
          generation: textCell(isOlder(key, keys) ? `${key.generation}, left by a rotation` : String(key.generation)),
        },
      })),
      'no keys',
    ),
  };
};
