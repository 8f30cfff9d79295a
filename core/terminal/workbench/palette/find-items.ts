import { type Context, parseWhen } from '../../keys/when.ts';
import type { PickItem } from '../../widgets/dialogue/pick-list.ts';
import type { OwnCommand } from '../frame/own-commands.ts';
import type { Room } from '../frame/room.ts';

/** A kind of thing that can be opened by its name. */
interface Openable {
  readonly kind: string;
  readonly command: string;
  readonly argument: string;
}

/** Machines, restore points and runs, and the command that shows one. */
export const openables: readonly Openable[] = [
  { kind: 'machine', command: 'machine.show', argument: 'name' },
  { kind: 'point', command: 'point.show', argument: 'point' },
  { kind: 'run', command: 'run.show', argument: 'run' },
];

const mostOfKind = 20_000;

/** Whether a condition holds; one that nobody understands does not hide anything. */
export function holds(when: string | undefined, context: Context): boolean {
  if (when === undefined) return true;
  try {
    return parseWhen(when).evaluate(context);
  } catch {
    return true;
  }
}

const words = (id: string): string => id.replaceAll('.', ' ');

/** Commands of the shell and of the workbench that make sense here: those chosen lately first. */
export function commandItems(room: Room, own: readonly OwnCommand[], context: Context): readonly PickItem[] {
  const key = (id: string): { readonly key?: string } => {
    const found = room.bindings.keyOf(id, context);
    return found === null ? {} : { key: found };
  };
  const items: readonly PickItem[] = [
    ...room.index.all
      .filter(({ hidden, when }) => hidden !== true && holds(when, context))
      .map(({ id, title }) => ({ id: `command ${id}`, title, detail: words(id), ...key(id) })),
    ...own
      .filter(({ id, when }) => id !== 'workbench.palette' && holds(when, context))
      .map(({ id, title }) => ({ id: `command ${id}`, title, ...key(id) })),
  ];
  const recent = room.remembered.recent.flatMap((id) => items.filter((item) => item.id === `command ${id}`));
  return [
    ...recent.map((item) => ({ ...item, group: 'recent' })),
    ...items.filter((item) => !recent.includes(item)).map((item) => ({ ...item, group: 'commands' })),
  ];
}

/** Views that can be gone to. */
export function viewItems(room: Room): readonly PickItem[] {
  return (room.index.views ?? []).map(({ id, title }) => ({ id: `view ${id}`, title, detail: 'view', group: 'views' }));
}

/** Everything that has a name of its own. A kind that cannot be listed is left out: its command will say why. */
export async function thingItems(room: Room): Promise<readonly PickItem[]> {
  const kinds = openables.filter(({ command }) => room.index.get(command) !== null);
  const lists = await Promise.all(
    kinds.map(async ({ kind, command, argument }) => {
      const choices = await room.desk.choices(command, argument, {}).catch(() => []);
      return choices.slice(0, mostOfKind).map(
        ({ value, title, refused }): PickItem => ({
          id: `open ${kind} ${value}`,
          title: title === '' ? value : title,
          // Who knows the whole identity finds it by that too.
          detail: title.includes(value) ? kind : `${kind} ${value}`,
          refused,
          group: `${kind}s`,
        }),
      );
    }),
  );
  return lists.flat();
}
