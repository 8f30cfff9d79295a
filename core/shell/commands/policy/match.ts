import type { Selector } from '../../../model/policies/contract.ts';
import { selects } from '../../../model/policies/select.ts';
import type { ShellHandler } from '../../contract.ts';
import { type Arguments, listOf } from '../../registry/argument-values.ts';
import { tableView, textCell } from '../../view/build.ts';
import { machineWords } from './editing/change-policy.ts';

/** A selector as the flags of `policy set` say it. */
function selectorOf(args: Arguments, endpoints: readonly string[]): Selector {
  const pointed = machineWords(listOf(args, 'machine'), endpoints);
  const named = listOf(args, 'endpoint');
  return {
    endpoints: named.length > 0 ? named : pointed.endpoint,
    names: [...listOf(args, 'name'), ...pointed.name],
    tags: listOf(args, 'tag'),
    folders: listOf(args, 'folder'),
    except: listOf(args, 'except'),
  };
}

/** Machines that a selector takes, from the catalog: no endpoint is asked. */
export const run: ShellHandler = async (site, args) => {
  const selector = selectorOf(args, Object.keys((await site.config()).config.endpoints));
  const all = await (await site.catalog()).machines({ gone: false });
  const found = all
    .filter((machine) => selects(selector, machine))
    .toSorted((a, b) => (a.machine.name < b.machine.name ? -1 : 1));
  return {
    data: {
      machines: found.map(({ endpoint, machine: { id, name, tags, folder, place } }) => ({
        endpoint,
        id,
        name,
        tags,
        folder: folder ?? null,
        place,
      })),
      of: all.length,
    },
    view: tableView(
      'Machines that match',
      [
        { key: 'name', title: 'name', priority: 0 },
        { key: 'endpoint', title: 'endpoint', priority: 0 },
        { key: 'folder', title: 'folder' },
        { key: 'tags', title: 'tags' },
      ],
      found.map(({ endpoint, machine }) => ({
        id: `${endpoint}/${machine.name}`,
        cells: {
          name: textCell(machine.name),
          endpoint: textCell(endpoint),
          folder: textCell(machine.folder ?? machine.place),
          tags: textCell(machine.tags.join(', ')),
        },
      })),
      all.length === 0 ? 'no machine is known yet: `holdfast machine list` asks the endpoints' : 'no machine matches',
    ),
  };
};
